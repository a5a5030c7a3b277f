import type { Frequency } from '../../../core/frequency.ts';
import type { Aggregation } from '../../../features/aggregation.ts';
import { DistinctEvents } from '../../../features/distinct-events.ts';
import type { LogRecord } from '../../../log/log.ts';
import type { Observation } from '../../../schemas/observation.ts';
import type { Serde } from '../../../schemas/serde.ts';
import { isReplayMarker } from '../../replay-marker.ts';
import { isWatermark, parseWatermark, WatermarkVector } from '../../watermarks.ts';
import type { GatheredSeries } from './gathered-series.ts';

export interface ReplayedPartitionOptions {
  readonly serde: Serde<Observation>;
  readonly aggregation: Aggregation;
  readonly frequency: Frequency;
  /** Events with ids that are remembered at most while their periods are open. */
  readonly eventsMax?: number | undefined;
}

const ignore = (): void => undefined;

/**
 * One partition of observations, read once more: what counted when they were forecast counts here,
 * and nothing else, since the same watermarks say in the same order which periods are open.
 */
export class ReplayedPartition {
  private readonly options: ReplayedPartitionOptions;
  private readonly gathered: GatheredSeries;
  private watermarks = new WatermarkVector();
  private readonly events: DistinctEvents;
  private firstOpen = -Infinity;
  /** Series that it has told of. */
  private readonly told = new Set<string>();

  constructor(options: ReplayedPartitionOptions, gathered: GatheredSeries) {
    this.options = options;
    this.gathered = gathered;
    this.events = new DistinctEvents(
      {
        put: ignore,
        delete: ignore,
        forgotten: (event) => {
          gathered.fold(event);
        },
      },
      options.eventsMax,
    );
  }

  take(records: readonly LogRecord[]): void {
    for (const record of records) {
      if (isReplayMarker(record)) this.beginAgain();
      else if (isWatermark(record)) this.follow(record);
      else this.fold(record);
    }
  }

  /** What came before is forgotten here as forecasting has forgotten it. */
  private beginAgain(): void {
    this.watermarks = new WatermarkVector();
    this.firstOpen = -Infinity;
    this.events.takeBefore(Infinity);
    this.gathered.forget(this.told);
    this.told.clear();
  }

  /** Counts what is open still. */
  finish(): void {
    this.close(Infinity);
  }

  private follow(record: LogRecord): void {
    this.watermarks.observe(parseWatermark(record));
    const { least } = this.watermarks;
    if (!Number.isFinite(least)) return;
    const firstOpen = this.options.frequency.periodOf(least);
    if (firstOpen > this.firstOpen) this.close(firstOpen);
  }

  private close(firstOpen: number): void {
    this.firstOpen = firstOpen;
    for (const event of this.events.takeBefore(firstOpen)) this.gathered.fold(event);
  }

  private fold({ value, headers }: LogRecord): void {
    const { aggregation, frequency, serde } = this.options;
    const corrects = aggregation.kind === 'none';
    const isMarkedLate = headers['late'] !== undefined;
    if (isMarkedLate && !corrects) return;
    const decoded = serde.decode(value);
    if (!decoded.ok) return;
    const { seriesId, eventTime, value: measured } = decoded.value;
    const period = frequency.periodOf(eventTime);
    const event = { seriesId, period, eventTimeMs: eventTime, value: measured };
    this.told.add(seriesId);
    const id = headers['id'];
    if (isMarkedLate || period < this.firstOpen) {
      // Where nothing is summed up, what is late is a correction: it takes its slot over.
      if (corrects) this.gathered.replace(event);
      return;
    }
    this.gathered.learnZone(decoded.value);
    if (id !== undefined && !corrects) this.events.add({ ...event, id });
    else this.gathered.fold(event);
  }
}
