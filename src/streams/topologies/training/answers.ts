import { canonicalJson, type Json } from '../../../core/canonical-json.ts';
import { finiteOrNull } from '../../../core/finite-or-null.ts';
import type { Judgement, GateVerdict } from '../../../retraining/promotion-gate.ts';
import type { PairedTest } from '../../../retraining/paired-test.ts';
import type { Candidate } from '../../../retraining/trainer.ts';
import type { ModelEvent, ModelTrained } from '../../../schemas/model-event.ts';
import type { RetrainingRequest } from '../../../schemas/retraining-request.ts';

/** What was made of a request, before anyone knows the clock. */
export type Answer = (decidedAt: number) => readonly ModelEvent[];

const TRAINER_ACTOR = 'trainer';
export const GATE_ACTOR = 'policy';

/**
 * Digits of the request's id that name what was trained for it: unique among a model's versions.
 */
const VERSION_DIGITS = 12;

export const versionOf = ({ id }: RetrainingRequest): string => id.slice(0, VERSION_DIGITS);

interface Decided {
  readonly sha256: string;
  readonly version: string;
  readonly actor: string;
  readonly reason: string;
  readonly gate: string;
}

export const eventFields = (
  { stream, model, id }: RetrainingRequest,
  { sha256, version, actor, reason, gate }: Decided,
  decidedAt: number,
): Omit<ModelEvent, 'type'> => ({
  ...{ stream, model, version, sha256, actor, reason, requestId: id, gate, decidedAt },
});

/**
 * What was asked for does not happen: of the version that the request names, or else of the one
 * that would have come of it. An empty sha256 settles the request all the same.
 */
export const refusal =
  (
    request: RetrainingRequest,
    why: string,
    named: Partial<Pick<Decided, 'sha256' | 'version' | 'actor'>> = {},
  ): Answer =>
  (decidedAt) => [
    {
      type: 'ModelRejected',
      ...eventFields(
        request,
        {
          ...{ sha256: '', version: versionOf(request), actor: TRAINER_ACTOR },
          ...named,
          ...{ reason: why, gate: '{}' },
        },
        decidedAt,
      ),
    },
  ];

const modelNumbers = (models: readonly (Judgement['candidate'] | null)[]): Json =>
  models.flatMap((model) =>
    model === null
      ? []
      : [{ name: model.name, wape: finiteOrNull(model.wape), bias: finiteOrNull(model.bias) }],
  );

const numbersOf = ({ ...test }: PairedTest): Json => ({
  ...test,
  statistic: finiteOrNull(test.statistic),
  pValue: finiteOrNull(test.pValue),
  meanDifference: finiteOrNull(test.meanDifference),
  bootstrapLower: finiteOrNull(test.bootstrapLower),
});

/** Every number that the gate decided by, as canonical JSON. */
export const gateNumbers = (
  { candidate, champion, naive }: Judgement,
  verdict: GateVerdict,
  more: Readonly<Record<string, Json>>,
): string =>
  canonicalJson({
    ...more,
    promote: verdict.promote,
    reasons: [...verdict.reasons],
    pairs: verdict.pairs,
    excluded: verdict.excluded,
    targets: verdict.targets,
    checks: verdict.checks.map((check) => ({ ...check, value: finiteOrNull(check.value) })),
    comparisons: verdict.comparisons.map(({ rival, test, ...losses }) => ({
      rival,
      candidateLoss: finiteOrNull(losses.candidateLoss),
      rivalLoss: finiteOrNull(losses.rivalLoss),
      improvement: finiteOrNull(losses.improvement),
      test: numbersOf(test),
    })),
    models: modelNumbers([candidate, champion, ...naive]),
  });

export const trainedEvent = (
  request: RetrainingRequest,
  candidate: Candidate,
  { decidedAt, gate, trainedTo }: { decidedAt: number; gate: string; trainedTo: number },
): ModelTrained => ({
  type: 'ModelTrained',
  ...eventFields(
    request,
    {
      sha256: candidate.sha256,
      version: versionOf(request),
      actor: TRAINER_ACTOR,
      reason: request.reason,
      gate,
    },
    decidedAt,
  ),
  trainer: candidate.trainer,
  schemaHash: candidate.schemaHash,
  horizon: candidate.horizon,
  trainedFrom: request.trainingWindow.start,
  trainedTo,
  rows: candidate.rows,
});

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** What a verdict says to people. */
export const verdictInWords = ({ promote, reasons, comparisons }: GateVerdict): string => {
  if (!promote) return reasons.join('; ');
  const better = comparisons.map(
    ({ rival, improvement }) => `${percent(improvement)} better than ${rival}`,
  );
  return better.join(', ');
};
