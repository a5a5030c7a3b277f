import { canonicalJson } from '../../../core/canonical-json.ts';
import type { ModelLine } from '../../../registry/model-fold.ts';
import type { RetrainingRequest } from '../../../schemas/retraining-request.ts';
import { eventFields, refusal, versionOf, type Answer } from './answers.ts';
import { whyNotServable } from './artifact-check.ts';
import type { CandidateOptions } from './candidate.ts';
import { wishOf } from './wish.ts';

/** Why a version cannot serve, in words; undefined when it can. */
const obstacle = async (
  options: CandidateOptions,
  line: ModelLine,
  sha256: string,
): Promise<string | undefined> => {
  if (sha256 !== '' && sha256 === line.champion) return 'it serves already';
  if (!line.versions.some((one) => one.sha256 === sha256)) {
    return `no version with the sha256 "${sha256}" was trained: see tidecast models list`;
  }
  return whyNotServable(options, sha256);
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
  const version = line.versions.find((one) => one.sha256 === sha256)?.version ?? versionOf(request);
  if (why !== undefined) return refusal(request, why, { sha256, version, actor });
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
