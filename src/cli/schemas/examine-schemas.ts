import type { Config } from '../../config/config.ts';
import { COMPATIBILITY, isStrict, refuseIncompatible } from '../../schemas/compatibility.ts';
import { SchemaError } from '../../schemas/errors.ts';
import type { SchemaRegistry } from '../../schemas/schema-registry.ts';
import type { NeededSchema } from '../run/needed-schemas.ts';

/**
 * `registered`: it is there. `missing`: there is no such subject. `compatible`: the subject has
 * others, and would take it. `incompatible`: it would not. `weak`: it is there, but the next
 * version need not read what this one wrote.
 */
export type SchemaVerdict = 'registered' | 'missing' | 'compatible' | 'incompatible' | 'weak';

/** What a registry has of one schema that is needed. */
export interface SchemaFinding {
  readonly subject: string;
  readonly verdict: SchemaVerdict;
  /** Of the schema itself, or of the last version where it is another. */
  readonly version?: number;
  readonly id?: number;
  /** What is wrong, and what to do. */
  readonly detail?: string;
}

const clashOf = (
  { subject, schema }: NeededSchema,
  earlier: Parameters<typeof refuseIncompatible>[2],
): string | undefined => {
  try {
    refuseIncompatible(subject, schema, earlier);
    return undefined;
  } catch (error) {
    if (error instanceof SchemaError) return error.message;
    throw error;
  }
};

const examineOne = async (
  registry: SchemaRegistry,
  needed: NeededSchema,
): Promise<SchemaFinding> => {
  const { subject, schema } = needed;
  const found = await registry.find(subject, schema);
  if (found === undefined) {
    const versions = await registry.versions(subject);
    const { version, id } = versions.at(-1) ?? {};
    if (version === undefined || id === undefined) return { subject, verdict: 'missing' };
    const detail = clashOf(needed, versions);
    return detail === undefined
      ? { subject, verdict: 'compatible', version, id }
      : { subject, verdict: 'incompatible', version, id, detail };
  }
  const { version, id } = found;
  const level = await registry.compatibility(subject);
  if (isStrict(level)) return { subject, verdict: 'registered', version, id };
  const detail = `${subject} is held to ${level} instead of ${COMPATIBILITY}`;
  return { subject, verdict: 'weak', version, id, detail };
};

/** Compares what is needed with what a registry has, and changes nothing. */
export const examineSchemas = async (
  registry: SchemaRegistry,
  needed: readonly NeededSchema[],
): Promise<readonly SchemaFinding[]> => {
  const findings: SchemaFinding[] = [];
  for (const one of needed) findings.push(await examineOne(registry, one));
  return findings;
};

/** The embedded log owns its registry, so that a run adds to it what it lacks. */
export const isRefused = ({ log }: Config, { verdict }: SchemaFinding): boolean =>
  log === 'kafka' ? verdict !== 'registered' : verdict === 'incompatible';
