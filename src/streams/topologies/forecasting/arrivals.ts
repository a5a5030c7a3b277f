import type { LogRecord } from '../../../log/log.ts';
import type { AggregateState } from '../../../features/aggregation.ts';
import type { SourceOffset } from '../../../schemas/forecast.ts';
import type { Observation } from '../../../schemas/observation.ts';
import type { Outbox } from '../../batch.ts';
import type { Item } from '../../operators/decode.ts';
import type { TaskScope } from '../../topology.ts';
import { sourceSet } from '../../watermarks.ts';
import type { Closer } from './closer.ts';
import type { Corrections } from './corrections.ts';
import type { ModelIntake } from './model-intake.ts';
import type { Trigger } from './origin-rows.ts';
import type { OpenPeriods } from './open-periods.ts';
import type { ForecastingOptions } from './options.ts';
import type { PeriodClosing } from './period-closing.ts';
import type { SeriesTable } from './series-table.ts';
import type { Sinks } from './sinks.ts';
import type { Zones } from './zones.ts';

/** Where ingest says which raw record an observation was, and that it came too late. */
const SOURCE_HEADER = 'source';
const LATE_HEADER = 'late';

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
  readonly sinks: Sinks;
}

interface Arrived {
  readonly record: LogRecord;
  readonly observation: Observation;
  readonly period: number;
}

/** `flights:3:1042`, or the observation itself where nobody came before it. */
const sourceOf = ({ topic, partition, offset, headers }: LogRecord): SourceOffset => {
  const [, source, from, at] = /^(.+):(\d+):(\d+)$/.exec(headers[SOURCE_HEADER] ?? '') ?? [];
  if (source === undefined) return { topic, partition, offset };
  return { topic: source, partition: Number(from), offset: Number(at) };
};

/** Takes observations and watermarks in the order of their partition. */
export class Arrivals {
  private readonly parts: ArrivalsParts;
  private readonly corrects: boolean;

  constructor(parts: ArrivalsParts) {
    this.parts = parts;
    // An aggregate cannot take an event in after it was published; a value can be replaced.
    this.corrects = parts.options.shape.aggregation.kind === 'none';
  }

  async take(outbox: Outbox, items: readonly Item<Observation>[]): Promise<void> {
    if (this.parts.options.isKeyed) await this.takeKeyed(outbox, items);
    else await this.takeAligned(outbox, items);
  }

  /** Events wait in their open period until watermarks say that it is over. */
  private async takeAligned(outbox: Outbox, items: readonly Item<Observation>[]): Promise<void> {
    const { scope, closing, intake } = this.parts;
    for (const item of items) {
      intake.replay(outbox, item.record);
      if (item.type === 'value') this.fold(outbox, this.arrived(item.record, item.value));
      else {
        const before = scope.watermarks.least;
        scope.watermarks.observe(item.watermark);
        if (scope.watermarks.least > before) closing.triggeredBy(triggerOf(item.record));
      }
    }
    await closing.advance(outbox);
  }

  private fold(outbox: Outbox, arrived: Arrived): void {
    const { table, zones, open, closing } = this.parts;
    const { record, observation, period } = arrived;
    const isOver = LATE_HEADER in record.headers || period < closing.firstOpen;
    if (isOver && this.corrects) this.correct(outbox, arrived);
    else if (isOver) this.putAside(outbox, arrived);
    else {
      const series = table.of(observation.seriesId, period);
      table.beginAt(series, period);
      zones.learn(series, observation.attributes);
      open.fold(series, period, {
        eventTimeMs: observation.eventTime,
        value: observation.value,
      });
    }
  }

  /** A value for a period that is over: it waits for closings that are owed, never for others. */
  private correct(outbox: Outbox, arrived: Arrived): void {
    const { table, corrections, closing } = this.parts;
    const { observation, period } = arrived;
    const series = table.find(observation.seriesId);
    if (series === undefined || period < table.startOf(series)) {
      this.putAside(outbox, arrived);
      return;
    }
    const correction = { series, period, value: observation.value };
    const after = Math.max(closing.firstOpen, period + 1);
    if (closing.isPending || period >= closing.firstOpen) corrections.hold(correction, after);
    else if (!corrections.apply(correction)) this.putAside(outbox, arrived);
  }

  private putAside(outbox: Outbox, { record, observation }: Arrived): void {
    const { sinks, scope, options } = this.parts;
    const said = Number(record.headers[LATE_HEADER] ?? scope.watermarks.least);
    sinks.late(outbox, record.key ?? Buffer.from(observation.seriesId), {
      value: {
        observation,
        watermark: Number.isFinite(said) ? said : 0,
        source: sourceOf(record),
      },
      headers: record.headers,
    });
    options.metrics.late({ stream: options.stream, count: 1 });
  }

  /** Each value closes its own period; the partition's greatest event time moves readers on. */
  private async takeKeyed(outbox: Outbox, items: readonly Item<Observation>[]): Promise<void> {
    const { closer, intake } = this.parts;
    closer.begin(outbox);
    for (const item of items) {
      intake.replay(outbox, item.record);
      if (item.type !== 'value') continue;
      const arrived = this.arrived(item.record, item.value);
      const series = this.parts.table.of(item.value.seriesId, arrived.period);
      if (closer.mustFlush(series)) await closer.flush(intake.adoptions);
      this.closeOnArrival(outbox, arrived);
      const next = this.reached(arrived);
      if (next === undefined) continue;
      await closer.flush(intake.adoptions);
      this.parts.closing.tell(outbox, next);
    }
    await closer.flush(intake.adoptions);
  }

  private closeOnArrival(outbox: Outbox, arrived: Arrived): void {
    const { table, zones, closer, corrections } = this.parts;
    const { record, observation, period } = arrived;
    const { seriesId, value } = observation;
    const series = table.of(seriesId, period);
    zones.learn(series, observation.attributes);
    if (series.window.isEmpty || period > series.window.head) {
      table.heard(series, period);
      const trigger = triggerOf(record);
      closer.close({ series, period, value: value ?? Number.NaN, trigger });
    } else if (!corrections.apply({ series, period, value })) this.putAside(outbox, arrived);
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
    const next = shape.periods.periodOf(watermark);
    if (before !== -Infinity && next === shape.periods.periodOf(before)) return undefined;
    const sources = sourceSet(1, [{ topic, partition }]);
    scope.watermarks.observe({ topic, partition, watermark, idle: false, sources });
    return next;
  }

  private arrived(record: LogRecord, observation: Observation): Arrived {
    const period = this.parts.options.shape.periods.periodOf(observation.eventTime);
    return { record, observation, period };
  }
}

const triggerOf = ({ offset, appendedAtMs }: LogRecord): Trigger => ({
  offset,
  appendedAtMs,
});
