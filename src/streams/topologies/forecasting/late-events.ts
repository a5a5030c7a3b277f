import type { LogRecord } from '../../../log/log.ts';
import type { SourceOffset } from '../../../schemas/forecast.ts';
import type { Observation } from '../../../schemas/observation.ts';
import { count, type Outbox, type Tell } from '../../batch.ts';
import type { ForecastingOptions } from './options.ts';
import type { LateEvent, Sinks } from './sinks.ts';

/** Where ingest says which raw record an observation was, and that it came too late. */
const SOURCE_HEADER = 'source';
const LATE_HEADER = 'late';

/** Whether ingest saw it come after the end of its period at its own raw partition. */
export const isMarkedLate = ({ headers }: LogRecord): boolean => LATE_HEADER in headers;

/** `flights:3:1042`, or the observation itself where nobody came before it. */
const sourceOf = ({ topic, partition, offset, headers }: LogRecord): SourceOffset => {
  const [, source, from, at] = /^(.+):(\d+):(\d+)$/.exec(headers[SOURCE_HEADER] ?? '') ?? [];
  if (source === undefined) return { topic, partition, offset };
  return { topic: source, partition: Number(from), offset: Number(at) };
};

/** `least`: the watermark that closed its period, where ingest did not name one. */
export const lateEvent = (
  record: LogRecord,
  observation: Observation,
  least: number,
): LateEvent => {
  const said = Number(record.headers[LATE_HEADER] ?? least);
  const watermark = Number.isFinite(said) ? said : 0;
  return { value: { observation, watermark, source: sourceOf(record) }, headers: record.headers };
};

/** Publishes what came too late to count, and counts it. */
export class LateEvents {
  private readonly sinks: Sinks;
  private readonly tell: Tell;

  constructor({ metrics, stream }: ForecastingOptions, sinks: Sinks) {
    this.sinks = sinks;
    this.tell = (count) => metrics.late({ stream, count });
  }

  putAside(outbox: Outbox, event: LateEvent): void {
    this.sinks.late(outbox, event.value.observation.seriesId, event);
    count(outbox, this.tell);
  }
}
