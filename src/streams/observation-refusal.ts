import { isUtf8 } from 'node:buffer';
import type { LogRecord } from '../log/log.ts';
import { valueRefusal, type Observation } from '../schemas/observation.ts';
import type { Refusal } from './dead-letter-sink.ts';

/** A key is the series' id, and what it was partitioned by. */
const keyRefusal = ({ key }: LogRecord): Refusal | undefined =>
  key === null || isUtf8(key)
    ? undefined
    : { reason: 'KEY_NOT_UTF8', detail: `${key.toString('hex')} is no UTF-8: a key is a series` };

/**
 * Why an observation that could be read is none of a series: a number that no window may hold, or a
 * key that is no text. Ingest lets none through, other writers may. Who forecasts and who learns
 * from it refuse the same.
 */
export const observationRefusal = (
  record: LogRecord,
  { value }: Observation,
): Refusal | undefined => keyRefusal(record) ?? (value === null ? undefined : valueRefusal(value));
