import { LogError } from './errors.ts';
import type { Headers, OutgoingRecord } from './log.ts';

/** A record beyond this is refused on every log, so that moving to Kafka finds no surprise. */
export const RECORD_BYTES_MAX = 8 << 20;

/** Bytes of the names and values of headers. */
export const textBytes = (headers: Headers): number => {
  let bytes = 0;
  for (const name in headers) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  }
  return bytes;
};

/** Bytes of key, value and headers, as the limit counts them. */
export const recordBytes = ({
  key,
  value,
  headers,
}: Pick<OutgoingRecord, 'key' | 'value' | 'headers'>): number =>
  (key?.length ?? 0) + (value?.length ?? 0) + (headers === undefined ? 0 : textBytes(headers));

export const refuseTooLarge = (
  to: Pick<OutgoingRecord, 'topic' | 'partition'>,
  sizeBytes: number,
): void => {
  if (sizeBytes <= RECORD_BYTES_MAX) return;
  throw new LogError(
    'LOG_RECORD_TOO_LARGE',
    `a record for ${to.topic}/${to.partition} has ${sizeBytes} bytes, the limit is ` +
      `${RECORD_BYTES_MAX}; shorten it at the source`,
  );
};
