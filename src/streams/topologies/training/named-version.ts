import { canonicalJson } from '../../../core/canonical-json.ts';
import { TidecastError } from '../../../core/errors.ts';
import { requireSchema } from '../../../models/artifact.ts';
import type { ModelLine } from '../../../registry/model-fold.ts';
import type { RetrainingRequest } from '../../../schemas/retraining-request.ts';
import { eventFields, refusal, type Answer } from './answers.ts';
import type { CandidateOptions } from './candidate.ts';

/** What a person asks for, as the evidence of the request has it. */
interface Wish {
  readonly sha256: string;
  readonly actor: string;
  readonly note: string;
}

const textIn = (evidence: unknown, name: string): string => {
  if (typeof evidence !== 'object' || evidence === null) return '';
  // Any object has texts for names.
  const value = (evidence as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
};

const wishOf = ({ evidence }: RetrainingRequest): Wish => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(evidence);
  } catch {
    // No JSON names no version: it is refused as such below.
    parsed = undefined;
  }
  return {
    sha256: textIn(parsed, 'sha256'),
    actor: textIn(parsed, 'actor') || 'unknown',
    note: textIn(parsed, 'note'),
  };
};

/** Why a version cannot serve, in words; undefined when it can. */
const obstacle = async (
  { artifacts, open, featureSchema }: CandidateOptions,
  line: ModelLine,
  sha256: string,
): Promise<string | undefined> => {
  if (sha256 !== '' && sha256 === line.champion) return 'it serves already';
  if (!line.versions.some((one) => one.sha256 === sha256)) {
    return `no version with the sha256 "${sha256}" was trained: see tidecast models list`;
  }
  try {
    const artifact = await artifacts.get(sha256);
    if (artifact === undefined)
      return 'its artifact is not here: copy it from where it was trained';
    const opened = await open(artifact, sha256);
    await opened.forecaster.close();
    requireSchema(opened.featureSchema, featureSchema);
    return undefined;
  } catch (failure) {
    if (failure instanceof TidecastError && !failure.retriable) return failure.message;
    throw failure;
  }
};

/**
 * Lets a version serve because a person says so. The gate is not asked, but whether the version can
 * be opened is: a champion that no task can load would stop the stream.
 */
export const answerByName = async (
  options: CandidateOptions,
  { request, line }: { readonly request: RetrainingRequest; readonly line: ModelLine },
): Promise<Answer> => {
  const { sha256, actor, note } = wishOf(request);
  const why = await obstacle(options, line, sha256);
  if (why !== undefined) return refusal(request, why, { sha256, actor });
  const version = line.versions.find((one) => one.sha256 === sha256)?.version ?? '';
  const gate = canonicalJson({ asked: request.reason });
  const reason = note === '' ? request.reason : note;
  return (decidedAt) => {
    const fields = eventFields(request, { sha256, version, actor, reason, gate }, decidedAt);
    const previous = line.champion;
    if (request.reason === 'rollback') return [{ type: 'ModelRolledBack', ...fields, previous }];
    // At once: nothing that a person decides waits for the data.
    return [{ type: 'ModelPromoted', ...fields, previous, effectiveFrom: 0 }];
  };
};
