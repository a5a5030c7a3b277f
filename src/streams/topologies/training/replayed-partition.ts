import type { Frequency } from '../../../core/frequency.ts';
import type { Aggregation } from '../../../features/aggregation.ts';
import { DistinctEvents } from '../../../features/distinct-events.ts';
import type { LogRecord } from '../../../log/log.ts';
import type { Observation } from '../../../schemas/observation.ts';
import type { Serde } from '../../../schemas/serde.ts';
import { observationRefusal } from '../../observation-refusal.ts';
import { isReplayMarker } from '../../replay-marker.ts';
import { isWatermark, parseWatermark, WatermarkVector } from '../../watermarks.ts';
import type { GatheredSeries, PeriodEvent } from './gathered-series.ts';
import { RingSpan } from './ring-span.ts';

export interface ReplayedPartitionOptions {
  readonly serde: Serde<Observation>;
  readonly aggregation: Aggregation;
  readonly frequency: Frequency;
  /** Observations come keyed by series from elsewhere: each closes its period, or corrects it. */
  readonly isKeyed: boolean;
  /** Slots of a series' window: what lies further back is not corrected any more. */
  readonly ringPeriods: number;
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
  /** Of the series that it has told of. */
  private readonly rings = new Map<string, RingSpan>();

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
      else this.read(record);
    }
  }

  /** What came before is forgotten here as forecasting has forgotten it. */
  private beginAgain(): void {
    this.watermarks = new WatermarkVector();
    this.firstOpen = -Infinity;
    this.events.takeBefore(Infinity);
    this.gathered.forget(this.rings);
    this.rings.clear();
  }

  /** Counts what is open still. */
  finish(): void {
    this.close(Infinity);
  }

  private follow(record: LogRecord): void {
    // Of a keyed source they are nobody's: it closes on arrival.
    if (this.options.isKeyed) return;
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

  private read(record: LogRecord): void {
    const { aggregation, isKeyed, frequency, serde } = this.options;
    const corrects = aggregation.kind === 'none';
    const isMarkedLate = !isKeyed && record.headers['late'] !== undefined;
    if (isMarkedLate && !corrects) return;
    const decoded = serde.decode(record.value);
    if (!decoded.ok || observationRefusal(record, decoded.value) !== undefined) return;
    const { seriesId, eventTime, value } = decoded.value;
    const period = frequency.periodOf(eventTime);
    const event = { seriesId, period, eventTimeMs: eventTime, value };
    if (isKeyed) this.closeOnArrival(event, decoded.value);
    else if (!isMarkedLate && period >= this.firstOpen) this.open(event, decoded.value, record);
    else if (corrects) this.correct(event);
  }

  private closeOnArrival(event: PeriodEvent, observation: Observation): void {
    const ring = this.ringOf(event.seriesId);
    this.gathered.learnZone(observation);
    if (ring.close(event.period)) this.gathered.fold(event);
    else if (ring.holds(event.period)) this.gathered.replace(event);
  }

  private open(event: PeriodEvent, observation: Observation, { headers }: LogRecord): void {
    const id = headers['id'];
    this.ringOf(event.seriesId).open(event.period);
    this.gathered.learnZone(observation);
    // The last value of a period is the same however often it comes.
    if (id === undefined || this.options.aggregation.kind === 'none') this.gathered.fold(event);
    else this.events.add({ ...event, id });
  }

  /** Where nothing is summed up, what is late takes its slot over when all before it are closed. */
  private correct(event: PeriodEvent): void {
    const head = Math.max(this.firstOpen - 1, event.period);
    const ring = this.rings.get(event.seriesId);
    if (ring?.holds(event.period, head) === true) this.gathered.replace(event);
  }

  private ringOf(seriesId: string): RingSpan {
    const known = this.rings.get(seriesId) ?? new RingSpan(this.options.ringPeriods);
    this.rings.set(seriesId, known);
    return known;
  }
}
