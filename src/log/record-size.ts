import { LogError } from './errors.ts';
import type { OutgoingRecord } from './log.ts';

/** A record beyond this is refused on every log, so that moving to Kafka finds no surprise. */
export const RECORD_BYTES_MAX = 8 << 20;

/** Bytes of key, value and headers, as the limit counts them. */
export const recordBytes = ({ key, value, headers }: OutgoingRecord): number => {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  if (headers === undefined) return bytes;
  for (const name in headers) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  }
  return bytes;
};

export const refuseTooLarge = (record: OutgoingRecord, sizeBytes: number): void => {
  if (sizeBytes <= RECORD_BYTES_MAX) return;
  throw new LogError(
    'LOG_RECORD_TOO_LARGE',
    `a record for ${record.topic}/${record.partition} has ${sizeBytes} bytes, the limit is ` +
      `${RECORD_BYTES_MAX}; shorten it at the source`,
  );
};
