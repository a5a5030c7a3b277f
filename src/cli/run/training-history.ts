import type { Log } from '../../log/log.ts';
import type { Observation } from '../../schemas/observation.ts';
import type { Serde } from '../../schemas/serde.ts';
import { replayedHistory, type TrainingHistory } from '../../streams/topologies/training/replay.ts';
import type { StreamParts } from './stream-parts.ts';

/** What a stream learns from: the one wiring of a run, an export and the tests of both. */
export const trainingHistory = (
  { shape, holidays, topics }: StreamParts,
  { log, serde }: { readonly log: Log; readonly serde: Serde<Observation> },
): TrainingHistory =>
  replayedHistory({
    log,
    observations: topics.observations.name,
    serde,
    aggregation: shape.aggregation,
    frequency: shape.periods,
    timeZoneAttribute: shape.timeZoneAttribute,
    lookback: shape.ringPeriods,
    holidays,
  });
