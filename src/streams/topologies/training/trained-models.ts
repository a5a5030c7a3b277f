import { foldRecent, isAnswer, NO_VERSIONS, type ModelLine } from '../../../registry/model-fold.ts';
import type { ModelEvent } from '../../../schemas/model-event.ts';
import { jsonStore } from '../../../state/json-store.ts';

/** Where one model stands by the log of model events, and which requests are dealt with. */
export interface TrainedModel {
  readonly line: ModelLine;
  /** Ids of requests that were answered, the latest last. */
  readonly answered: readonly string[];
}

/**
 * Several years of weekly requests; only a replay from the very beginning could meet older ones.
 */
const ANSWERED_MAX = 512;

/** By the model's name. */
export const trainedModelsStore = jsonStore<TrainedModel>({
  name: 'trained-models',
  version: 1,
  initial: () => ({ line: NO_VERSIONS, answered: [] }),
});

/**
 * A model after one more event. Events that this task wrote itself come back by the log: all events
 * of an answered request have been folded already.
 */
export const afterEvent = (model: TrainedModel, event: ModelEvent): TrainedModel => {
  const { line, answered } = model;
  if (answered.includes(event.requestId)) return model;
  return {
    line: foldRecent(line, event),
    answered: isAnswer(event) ? [...answered, event.requestId].slice(-ANSWERED_MAX) : answered,
  };
};
