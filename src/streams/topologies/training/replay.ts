import { holidaysAround, type HolidayRules } from '../../../calendars/calendar.ts';
import type { Panel } from '../../../evaluation/history.ts';
import { turnOfOthers } from '../../../core/turn-of-others.ts';
import type { Log } from '../../../log/log.ts';
import { readBetween } from '../../../log/read-between.ts';
import { TrainingError } from '../../../retraining/errors.ts';
import type { RetrainingRequest, TopicPosition } from '../../../schemas/retraining-request.ts';
import { GatheredSeries, type GatheringOptions } from './gathered-series.ts';
import { ReplayedPartition, type ReplayedPartitionOptions } from './replayed-partition.ts';

/** What a request may learn from; the same request gives the same panel. */
export type TrainingHistory = (request: RetrainingRequest, signal: AbortSignal) => Promise<Panel>;

export interface ReplayOptions extends GatheringOptions, ReplayedPartitionOptions {
  readonly log: Log;
  /** Name of the stream's observations. */
  readonly observations: string;
  readonly holidays: HolidayRules | null;
}

/** What one poll brings: some milliseconds of decoding, between which others get their turn. */
const LIMITS = { maxRecords: 4_000, maxBytes: 4 << 20 };

/** The training history by reading the observations again, up to the offsets of the request. */
export const replayedHistory =
  (options: ReplayOptions): TrainingHistory =>
  async ({ trainingWindow }, signal) => {
    const { frequency, ringPeriods, observations, holidays } = options;
    const bounds = {
      // Of which features of the first origins read no more than a ring.
      from: frequency.periodOf(trainingWindow.start) - ringPeriods,
      to: frequency.periodOf(trainingWindow.end),
    };
    const gathered = new GatheredSeries(options, bounds);
    for (const position of trainingWindow.offsets) {
      if (position.topic === observations) await read(options, { position, gathered, signal });
    }
    const [start, end] = [frequency.startOf(bounds.from), frequency.startOf(bounds.to)];
    return { series: gathered.take(), holidays: holidaysAround(holidays, start, end) };
  };

interface Reading {
  readonly position: TopicPosition;
  readonly gathered: GatheredSeries;
  readonly signal: AbortSignal;
}

const read = async (
  options: ReplayOptions,
  { position: { topic, partition, next: to }, gathered, signal }: Reading,
): Promise<void> => {
  const { log, serde } = options;
  const { start: from } = await log.offsets(topic, partition);
  const replayed = new ReplayedPartition(options, gathered);
  for await (const { records } of readBetween(log, { topic, partition, from, to }, LIMITS)) {
    refuseAborted(signal);
    await serde.learn(records.map(({ value }) => value));
    replayed.take(records.filter(({ offset }) => offset < to));
    gathered.shrink();
    await turnOfOthers();
  }
  replayed.finish();
};

const refuseAborted = (signal: AbortSignal): void => {
  if (!signal.aborted) return;
  throw new TrainingError(
    'TRAINING_ABORTED',
    'Training was stopped while it read its history; it starts again with its request',
    { retriable: true },
  );
};
