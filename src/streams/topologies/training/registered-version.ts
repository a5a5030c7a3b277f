import { canonicalJson } from '../../../core/canonical-json.ts';
import type { ModelLine } from '../../../registry/model-fold.ts';
import { featureSchemaHash } from '../../../schemas/feature-schema.ts';
import { EXTERNAL_TRAINER } from '../../../schemas/model-event.ts';
import type { RetrainingRequest } from '../../../schemas/retraining-request.ts';
import { eventFields, refusal, type Answer } from './answers.ts';
import { whyNotServable } from './artifact-check.ts';
import type { CandidateOptions } from './candidate.ts';
import { wishOf } from './wish.ts';

/**
 * Takes in a version that was made elsewhere, as the challenger. The gate is not asked: nobody here
 * knows which targets it has learnt from, so only what comes from now on can judge it, in the
 * shadow of the champion, and a person.
 */
export const answerByRegistering = async (
  options: CandidateOptions,
  { request, line }: { readonly request: RetrainingRequest; readonly line: ModelLine },
): Promise<Answer> => {
  const { sha256, version, actor, note } = wishOf(request);
  // The same bytes are the same version, by whatever name, and have been taken in.
  if (line.versions.some((one) => one.sha256 === sha256)) return () => [];
  const isTaken = line.versions.some((one) => one.version === version);
  const why = isTaken
    ? `another version is called "${version}": register it by another name`
    : await whyNotServable(options, sha256);
  if (why !== undefined) return refusal(request, why, { sha256, actor });
  const { featureSchema } = options;
  const gate = canonicalJson({ asked: request.reason });
  const reason = note === '' ? request.reason : note;
  return (decidedAt) => [
    {
      type: 'ModelTrained',
      ...eventFields(request, { sha256, version, actor, reason, gate }, decidedAt),
      trainer: EXTERNAL_TRAINER,
      schemaHash: featureSchemaHash(featureSchema),
      horizon: featureSchema.horizon,
      ...{ trainedFrom: 0, trainedTo: 0, rows: 0 },
    },
  ];
};
