import { TidecastError } from '../../../core/errors.ts';
import { requireSchema } from '../../../models/artifact.ts';
import type { Panel } from '../../../evaluation/history.ts';
import type { ErrorProfile } from '../../../models/error-profile.ts';
import type { ArtifactStore } from '../../../registry/artifact-store.ts';
import type { ModelLine } from '../../../registry/model-fold.ts';
import { TrainingError } from '../../../retraining/errors.ts';
import { judge, type Judged, type JudgedForecaster, type Loss } from '../../../retraining/judge.ts';
import { promotionGate, type GatePolicy } from '../../../retraining/promotion-gate.ts';
import type { Candidate, Trainer } from '../../../retraining/trainer.ts';
import type { ModelEvent } from '../../../schemas/model-event.ts';
import type { RetrainingRequest } from '../../../schemas/retraining-request.ts';
import {
  eventFields,
  GATE_ACTOR,
  gateNumbers,
  refusal,
  trainedEvent,
  verdictInWords,
  versionOf,
  type Answer,
} from './answers.ts';
import { divided, whatWouldDo, type DivisionOptions } from './division.ts';
import type { TrainingHistory } from './replay.ts';

/** Makes an artifact ready to forecast; `name` is what the gate's numbers call it. */
export type OpenArtifact = (artifact: Uint8Array, name: string) => Promise<JudgedForecaster>;

/** The same model with what the judge found of its errors, for intervals to begin with. */
export type SealCandidate = (candidate: Candidate, errors: ErrorProfile) => Candidate;

export interface TrainingPolicy extends GatePolicy {
  /** The end of the window that the judge has; more where the gate asks for it and it has that. */
  readonly judgeDays: number;
  /** In what errors are compared; `scaled` where nothing is said. */
  readonly loss?: Loss;
}

export interface CandidateOptions extends DivisionOptions {
  readonly trainer: Trainer;
  readonly history: TrainingHistory;
  readonly artifacts: ArtifactStore;
  readonly open: OpenArtifact;
  readonly seal: SealCandidate;
  readonly policy: TrainingPolicy;
  /** Hears of the share that is fitted, by the model's name. */
  readonly onProgress?: ((model: string, share: number) => void) | undefined;
}

/**
 * Trains for a request, judges on what the fit did not see, and lets the gate decide. What is
 * promoted is the artifact that was judged, not a refit on the whole window: a number that the gate
 * saw must be a number of what serves. The price, a model that has not learnt from its last weeks,
 * is paid back by the next training.
 */
export const answerByTraining = async (
  options: CandidateOptions,
  { request, line }: { readonly request: RetrainingRequest; readonly line: ModelLine },
  signal: AbortSignal,
): Promise<Answer> => {
  const panel = await options.history(request, signal);
  const candidate = await train(options, { request, panel }, signal);
  if (typeof candidate === 'string') return refusal(request, candidate);
  return decide(options, { request, line, panel, candidate }, signal);
};

/** A candidate, or why the data do not suffice for one. */
const train = async (
  options: CandidateOptions,
  { request, panel }: { readonly request: RetrainingRequest; readonly panel: Panel },
  signal: AbortSignal,
): Promise<Candidate | string> => {
  const { featureSchema, trainer, onProgress } = options;
  const { fitFrom: fromPeriod, fitUntil } = divided(options, request);
  const { series, holidays } = panel;
  try {
    return await trainer.train(
      {
        ...{ featureSchema, series, fromPeriod, toPeriod: fitUntil, seed: request.id },
        ...(holidays === null ? {} : { holidays }),
        onProgress: (share) => onProgress?.(request.model, share),
      },
      signal,
    );
  } catch (failure) {
    const isShort = failure instanceof TrainingError && failure.code === 'TRAINING_TOO_LITTLE_DATA';
    if (isShort) return `${failure.message}${whatWouldDo(options, request, series)}`;
    throw failure;
  }
};

interface Trained {
  readonly request: RetrainingRequest;
  readonly line: ModelLine;
  readonly panel: Panel;
  readonly candidate: Candidate;
}

/** Opens a champion that fits the stream as it is now; one of other features cannot serve it. */
const openRival = async (
  { open, featureSchema }: CandidateOptions,
  artifact: Uint8Array,
): Promise<JudgedForecaster> => {
  const rival = await open(artifact, 'champion');
  try {
    requireSchema(rival.featureSchema, featureSchema);
    return rival;
  } catch (misfit) {
    await rival.forecaster.close();
    throw misfit;
  }
};

/** The champion as a rival, or why it is none. */
const openChampion = async (
  options: CandidateOptions,
  sha256: string,
): Promise<JudgedForecaster | string | null> => {
  if (sha256 === '') return null;
  try {
    const artifact = await options.artifacts.get(sha256);
    if (artifact === undefined) return 'its artifact is not here';
    return await openRival(options, artifact);
  } catch (failure) {
    // What cannot be opened for a judgement cannot serve either; a disk may be better next time.
    if (failure instanceof TidecastError && !failure.retriable) return failure.message;
    throw failure;
  }
};

const closeAll = async (models: readonly (JudgedForecaster | null)[]): Promise<void> => {
  for (const model of models) await model?.forecaster.close();
};

/** What the judge says, and why the champion was no rival, where it was none for a reason. */
const judgedBy = async (
  options: CandidateOptions,
  { request, line, panel, candidate }: Trained,
  signal: AbortSignal,
): Promise<{ readonly judgement: Judged; readonly championUnusable?: string }> => {
  const { fitFrom, to, judged } = divided(options, request);
  const { loss = 'scaled' } = options.policy;
  const champion = await openChampion(options, line.champion);
  const rivals = {
    candidate: await options.open(candidate.artifact, 'candidate'),
    champion: typeof champion === 'string' ? null : champion,
  };
  const judgement = await judge(
    { panel, fromPeriod: fitFrom, toPeriod: to, periods: judged, loss, ...rivals },
    signal,
  ).finally(() => closeAll([rivals.candidate, rivals.champion]));
  return typeof champion === 'string' ? { judgement, championUnusable: champion } : { judgement };
};

const decide = async (
  options: CandidateOptions,
  trained: Trained,
  signal: AbortSignal,
): Promise<Answer> => {
  const { request, line, candidate } = trained;
  const { fitUntil, from, to } = divided(options, request);
  const { judgement, ...unusable } = await judgedBy(options, trained, signal);
  const { errors } = judgement;
  const { sha256, artifact } = errors === undefined ? candidate : options.seal(candidate, errors);
  // Before the event that names it, so that no event names what a crash took away.
  await options.artifacts.put(sha256, artifact);
  const verdict = promotionGate(judgement, options.policy, request.id);
  const { periods } = options;
  const gate = gateNumbers(judgement, verdict, {
    judgedFrom: periods.startOf(from),
    judgedTo: periods.startOf(to),
    loss: options.policy.loss ?? 'scaled',
    ...unusable,
  });
  return (decidedAt) => {
    const fields = eventFields(
      request,
      {
        sha256,
        version: versionOf(request),
        actor: GATE_ACTOR,
        reason: verdictInWords(verdict),
        gate,
      },
      decidedAt,
    );
    const decision: ModelEvent = verdict.promote
      ? {
          type: 'ModelPromoted',
          ...fields,
          previous: line.champion,
          effectiveFrom: periods.startOf(to + 1),
        }
      : { type: 'ModelRejected', ...fields };
    const trainedTo = periods.startOf(fitUntil);
    return [
      trainedEvent(request, { ...candidate, sha256 }, { decidedAt, gate: '{}', trainedTo }),
      decision,
    ];
  };
};
