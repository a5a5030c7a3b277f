import type { Holidays } from '../../../calendars/calendar.ts';
import { contentHash } from '../../../core/content-hash.ts';
import { TidecastError } from '../../../core/errors.ts';
import type { Frequency } from '../../../core/frequency.ts';
import { timeZone } from '../../../core/time-zone.ts';
import type { Panel, SeriesHistory } from '../../../evaluation/history.ts';
import type { Aggregation } from '../../../features/aggregation.ts';
import type { Log, LogRecord } from '../../../log/log.ts';
import { TrainingError } from '../../../retraining/errors.ts';
import type { Observation } from '../../../schemas/observation.ts';
import type { RetrainingRequest, TopicPosition } from '../../../schemas/retraining-request.ts';
import type { Serde } from '../../../schemas/serde.ts';
import { SeriesColumns, type ColumnBounds } from './series-columns.ts';

/** What a request may learn from; the same request gives the same panel. */
export type TrainingHistory = (request: RetrainingRequest, signal: AbortSignal) => Promise<Panel>;

export interface ReplayOptions {
  readonly log: Log;
  /** Name of the stream's observations. */
  readonly observations: string;
  readonly serde: Serde<Observation>;
  readonly aggregation: Aggregation;
  readonly frequency: Frequency;
  /** Periods before the training window that features of its first origins read. */
  readonly lookback: number;
  readonly holidays: Holidays | null;
  /** The attribute that names a series' own zone, where it has one. */
  readonly timeZoneAttribute?: string | undefined;
  /** Float64 words that all series may take; beyond, a sample of them is kept. */
  readonly wordsMax?: number;
}

/** 240 MB: what a trainer takes at once. */
const WORDS_MAX = 30_000_000;
/** What one poll brings: some milliseconds of decoding, between which others get their turn. */
const LIMITS = { maxRecords: 4_000, maxBytes: 4 << 20 };

/** The training history by reading the observations again, up to the offsets of the request. */
export const replayedHistory =
  (options: ReplayOptions): TrainingHistory =>
  async ({ trainingWindow }, signal) => {
    const { frequency, lookback, observations, holidays } = options;
    const bounds = {
      from: frequency.periodOf(trainingWindow.start) - lookback,
      to: frequency.periodOf(trainingWindow.end),
    };
    const gathered = new GatheredSeries(options, bounds);
    for (const position of trainingWindow.offsets) {
      if (position.topic === observations) await read(options, { position, gathered, signal });
    }
    return { series: gathered.take(), holidays };
  };

interface Reading {
  readonly position: TopicPosition;
  readonly gathered: GatheredSeries;
  readonly signal: AbortSignal;
}

const read = async (
  { log, serde }: ReplayOptions,
  { position: { topic, partition, next: end }, gathered, signal }: Reading,
): Promise<void> => {
  const { start } = await log.offsets(topic, partition);
  const reader = log.reader(topic, partition, start);
  try {
    for (let next: number = start; next < end;) {
      refuseAborted(signal);
      const polled = await reader.poll(LIMITS);
      if (polled.next === next) break;
      await serde.learn(polled.records.map(({ value }) => value));
      gathered.add(
        polled.records.filter((record) => record.offset < end),
        serde,
      );
      next = polled.next;
      await aTurnForOthers();
    }
  } finally {
    reader.close();
  }
};

const refuseAborted = (signal: AbortSignal): void => {
  if (!signal.aborted) return;
  throw new TrainingError(
    'TRAINING_ABORTED',
    'Training was stopped while it read its history; it starts again with its request',
    { retriable: true },
  );
};

/** A poll that finds its bytes in memory never lets the event loop turn by itself. */
const aTurnForOthers = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

interface Ranked {
  readonly rank: string;
  readonly seriesId: string;
}

/** All series while they are read; when they grow too large, those of the greatest hash go. */
class GatheredSeries {
  private readonly options: ReplayOptions;
  private readonly bounds: ColumnBounds;
  /** null: left out of the sample. */
  private readonly series = new Map<string, SeriesColumns | null>();
  /** Those that are in, ascending by rank. */
  private readonly ranked: Ranked[] = [];
  private readonly zones = new Map<string, string>();
  private cut: string | undefined;
  private words = 0;

  constructor(options: ReplayOptions, bounds: ColumnBounds) {
    this.options = options;
    this.bounds = bounds;
  }

  add(records: readonly LogRecord[], serde: Serde<Observation>): void {
    for (const record of records) this.addOne(record, serde);
    if (this.words > (this.options.wordsMax ?? WORDS_MAX)) this.shrink();
  }

  /** The histories, ascending by id; what they were made from is let go on the way. */
  take(): readonly SeriesHistory[] {
    const ids = this.ranked.map(({ seriesId }) => seriesId);
    return ids
      .sort((one, other) => (one < other ? -1 : 1))
      .flatMap((seriesId) => {
        const columns = this.series.get(seriesId);
        this.series.delete(seriesId);
        if (columns === null || columns === undefined) return [];
        const { firstPeriod, values } = columns.values();
        const own = this.zones.get(seriesId);
        const zone = own === undefined ? {} : { timeZone: own };
        return values.length === 0 ? [] : [{ seriesId, firstPeriod, values, ...zone }];
      });
  }

  private addOne({ value, headers }: LogRecord, serde: Serde<Observation>): void {
    // Only watermarks have no value.
    if (value === null) return;
    const { aggregation, frequency } = this.options;
    const isLate = headers['late'] !== undefined;
    // Where nothing is summed up, what is late is a correction: it takes its slot over.
    if (isLate && aggregation.kind !== 'none') return;
    const decoded = serde.decode(value);
    if (!decoded.ok) return;
    const { seriesId, eventTime, value: measured, attributes } = decoded.value;
    const columns = this.columnsOf(seriesId);
    if (columns === null) return;
    this.learnZone(seriesId, attributes);
    const input = { eventTimeMs: eventTime, value: measured };
    columns.fold(frequency.periodOf(eventTime), input, isLate);
  }

  /** The first zone that a series names stays, and one that nobody knows counts for nothing. */
  private learnZone(seriesId: string, attributes: Observation['attributes']): void {
    const { timeZoneAttribute } = this.options;
    if (timeZoneAttribute === undefined || this.zones.has(seriesId)) return;
    const zone = attributes[timeZoneAttribute];
    if (zone !== undefined && isZone(zone)) this.zones.set(seriesId, zone);
  }

  private columnsOf(seriesId: string): SeriesColumns | null {
    const known = this.series.get(seriesId);
    if (known !== undefined) return known;
    const rank = contentHash([seriesId]);
    const isIn = this.cut === undefined || rank < this.cut;
    const columns = isIn
      ? new SeriesColumns(this.options.aggregation, this.bounds, (words) => {
          this.words += words;
        })
      : null;
    this.series.set(seriesId, columns);
    if (isIn) this.ranked.splice(placeOf(this.ranked, rank), 0, { rank, seriesId });
    return columns;
  }

  private shrink(): void {
    const { wordsMax = WORDS_MAX } = this.options;
    while (this.words > wordsMax) {
      const last = this.ranked.pop();
      if (last === undefined) return;
      this.words -= this.series.get(last.seriesId)?.sizeWords ?? 0;
      this.series.set(last.seriesId, null);
      this.cut = last.rank;
    }
  }
}

const isZone = (name: string): boolean => {
  try {
    timeZone(name);
    return true;
  } catch (error) {
    if (error instanceof TidecastError) return false;
    throw error;
  }
};

const placeOf = (ranked: readonly Ranked[], rank: string): number => {
  let [low, high] = [0, ranked.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranked[middle]?.rank ?? '') < rank) low = middle + 1;
    else high = middle;
  }
  return low;
};
