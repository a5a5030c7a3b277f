import type { RetrainingRequest } from '../../../schemas/retraining-request.ts';

/** What a person asks for, as the evidence of the request has it. */
export interface Wish {
  readonly sha256: string;
  /** What the version is called; empty where it has a name already. */
  readonly version: string;
  readonly actor: string;
  readonly note: string;
}

const textIn = (evidence: unknown, name: string): string => {
  if (typeof evidence !== 'object' || evidence === null) return '';
  // Any object has texts for names.
  const value = (evidence as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
};

export const wishOf = ({ evidence }: RetrainingRequest): Wish => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(evidence);
  } catch {
    // No JSON names no version: it is refused as such below.
    parsed = undefined;
  }
  return {
    sha256: textIn(parsed, 'sha256'),
    version: textIn(parsed, 'version'),
    actor: textIn(parsed, 'actor') || 'unknown',
    note: textIn(parsed, 'note'),
  };
};
