import { isUtf8 } from 'node:buffer';
import type { LogRecord } from '../../../log/log.ts';
import type { AggregateState } from '../../../features/aggregation.ts';
import { valueRefusal, type Observation } from '../../../schemas/observation.ts';
import { count, type Outbox, type Tell } from '../../batch.ts';
import type { Item } from '../../operators/decode.ts';
import type { TaskScope } from '../../topology.ts';
import { sourceSet } from '../../watermarks.ts';
import type { Closer } from './closer.ts';
import type { Corrections } from './corrections.ts';
import { isMarkedLate, lateEvent, type LateEvents } from './late-events.ts';
import type { ModelIntake } from './model-intake.ts';
import type { Trigger } from './origin-rows.ts';
import type { OpenPeriods } from './open-periods.ts';
import type { ForecastingOptions } from './options.ts';
import type { PeriodClosing } from './period-closing.ts';
import type { SeriesTable } from './series-table.ts';
import type { LateEvent } from './sinks.ts';
import type { Zones } from './zones.ts';

export interface ArrivalsParts {
  readonly options: ForecastingOptions;
  readonly scope: TaskScope;
  readonly table: SeriesTable;
  readonly zones: Zones;
  readonly open: OpenPeriods<AggregateState>;
  readonly closer: Closer;
  readonly corrections: Corrections;
  readonly closing: PeriodClosing;
  readonly intake: ModelIntake;
  readonly late: LateEvents;
}

interface Arrived {
  readonly record: LogRecord;
  readonly observation: Observation;
  readonly period: number;
}

/** Takes observations and watermarks in the order of their partition. */
export class Arrivals {
  private readonly parts: ArrivalsParts;
  private readonly corrects: boolean;
  private readonly tellRepeated: Tell;

  constructor(parts: ArrivalsParts) {
    this.parts = parts;
    const { metrics, stream } = parts.options;
    this.tellRepeated = (repetitions) => metrics.repeated({ stream, count: repetitions });
    // An aggregate cannot take an event in after it was published; a value can be replaced.
    this.corrects = parts.options.shape.aggregation.kind === 'none';
  }

  async take(outbox: Outbox, items: readonly Item<Observation>[]): Promise<void> {
    this.parts.closer.begin(outbox);
    if (this.parts.options.isKeyed) await this.takeKeyed(outbox, items);
    else await this.takeAligned(outbox, items);
  }

  /** Events wait in their open period until watermarks say that it is over. */
  private async takeAligned(outbox: Outbox, items: readonly Item<Observation>[]): Promise<void> {
    const { scope, closing, intake } = this.parts;
    for (const item of items) {
      // What was over before the adoption is closed before it, as it was when it was recorded.
      while (intake.isDue(item.record) && closing.isPending) await closing.advance(outbox);
      intake.replay(outbox, item.record);
      if (item.type === 'value') this.fold(outbox, item);
      else {
        const before = scope.watermarks.least;
        scope.watermarks.observe(item.watermark);
        if (scope.watermarks.least > before) closing.triggeredBy(triggerOf(item.record));
        closing.begin(outbox);
      }
    }
    await closing.advance(outbox);
  }

  private fold(outbox: Outbox, item: Item<Observation> & { readonly type: 'value' }): void {
    const { table, zones, open, closing } = this.parts;
    const arrived = this.arrived(outbox, item);
    if (arrived === undefined) return;
    const { record, observation, period } = arrived;
    const isOver = period < closing.firstOpen || isMarkedLate(record);
    if (isOver && this.corrects) this.correct(outbox, arrived);
    else if (isOver) this.parts.late.putAside(outbox, this.lateEvent(arrived));
    else {
      const series = table.of(observation.seriesId, period);
      table.beginAt(series, period);
      zones.learn(series, observation);
      const isRepeated = open.fold(series, period, {
        eventTimeMs: observation.eventTime,
        value: observation.value,
        id: record.headers['id'],
      });
      if (isRepeated) count(outbox, this.tellRepeated);
    }
  }

  /** A value for a period that is over: it waits for closings that are owed, never for others. */
  private correct(outbox: Outbox, arrived: Arrived): void {
    const { table, corrections, closing, late } = this.parts;
    const { observation, period } = arrived;
    const event = this.lateEvent(arrived);
    const series = table.find(observation.seriesId);
    const after = Math.max(closing.firstOpen, period + 1);
    if (series === undefined || period < table.startOf(series)) late.putAside(outbox, event);
    else if (closing.isPending || after > closing.firstOpen) corrections.hold(period, event, after);
    else corrections.take(outbox, period, event);
  }

  /** Each value closes its own period; the partition's greatest event time moves readers on. */
  private async takeKeyed(outbox: Outbox, items: readonly Item<Observation>[]): Promise<void> {
    const { closer, intake, closing, table } = this.parts;
    for (const item of items) {
      // What came before the adoption is forecast by what served then.
      if (intake.isDue(item.record)) await closer.flush(intake.adoptions);
      intake.replay(outbox, item.record);
      const arrived = item.type === 'value' ? this.arrived(outbox, item) : undefined;
      if (arrived === undefined) continue;
      const known = table.find(arrived.observation.seriesId);
      if (closer.mustFlush(known)) await closer.flush(intake.adoptions);
      this.closeOnArrival(outbox, arrived);
      const next = this.reached(arrived);
      if (next === undefined) continue;
      await closer.flush(intake.adoptions);
      closing.tell(outbox, next);
    }
    await closer.flush(intake.adoptions);
  }

  private closeOnArrival(outbox: Outbox, arrived: Arrived): void {
    const { table, zones, closer, corrections } = this.parts;
    const { record, observation, period } = arrived;
    const { seriesId, value } = observation;
    const series = table.of(seriesId, period);
    zones.learn(series, observation);
    if (series.window.isEmpty || period > series.window.head) {
      table.heard(series, period);
      const trigger = triggerOf(record);
      closer.close({ series, period, value: value ?? Number.NaN, trigger });
    } else corrections.take(outbox, period, this.lateEvent(arrived));
  }

  /** The first period that a keyed partition leaves open, when this event moved it on. */
  private reached({ observation }: Arrived): number | undefined {
    const { scope, options } = this.parts;
    const { observations, graceMs, shape } = options;
    const { partition } = scope;
    const { name: topic } = observations;
    const before = scope.watermarks.get(topic, partition)?.watermark ?? -Infinity;
    const watermark = observation.eventTime - graceMs;
    if (watermark <= before) return undefined;
    const sources = sourceSet(1, [{ topic, partition }]);
    scope.watermarks.observe({ topic, partition, watermark, idle: false, sources });
    const next = shape.periods.periodOf(watermark);
    const isTold = before !== -Infinity && next === shape.periods.periodOf(before);
    return isTold ? undefined : next;
  }

  private lateEvent({ record, observation }: Arrived): LateEvent {
    return lateEvent(record, observation, this.parts.scope.watermarks.least);
  }

  /**
   * undefined: a number that no window may hold, or a key that is no text; ingest lets none
   * through, other writers may.
   */
  private arrived(
    outbox: Outbox,
    { record, value: observation }: Item<Observation> & { readonly type: 'value' },
  ): Arrived | undefined {
    const { value, eventTime } = observation;
    const refused = keyRefusal(record) ?? (value === null ? undefined : valueRefusal(value));
    if (refused !== undefined) {
      this.parts.scope.deadLetters(outbox, record, refused);
      return undefined;
    }
    return { record, observation, period: this.parts.options.shape.periods.periodOf(eventTime) };
  }
}

/** A key is the series' id, and what it was partitioned by. */
const keyRefusal = ({ key }: LogRecord) =>
  key === null || isUtf8(key)
    ? undefined
    : { reason: 'KEY_NOT_UTF8', detail: `${key.toString('hex')} is no UTF-8: a key is a series` };

const triggerOf = ({ offset, appendedAtMs }: LogRecord): Trigger => ({
  offset,
  appendedAtMs,
});
