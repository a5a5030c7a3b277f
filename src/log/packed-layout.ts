// Hot file: indices are below the lengths that loops count to, so reads are narrowed with `as
// number`.
import type { Headers, OutgoingRecord } from './log.ts';
import { putVarint } from './varint.ts';

// How a record lies in memory and in the embedded log: gap to the record before, then, in frames
// that compaction joined, milliseconds since the frame's append time; length of the key + 1, key,
// length of the value + 1, value, number of headers, and for each the lengths and texts of name and
// value. Lengths are varints; 0 is null.

/** Any varint of a record has at most so many bytes. */
export const VARINT_BYTES_MAX = 5;
/** Gap, time, key length, value length, header count. */
const OVERHEAD_BYTES_MAX = 5 * VARINT_BYTES_MAX;
/** Units of UTF-16 become at most three bytes each. */
export const BYTES_PER_UNIT_MAX = 3;
/** Below this a loop beats the call of a native copy. */
const LOOP_COPY_BYTES = 24;

export type RecordContent = Pick<OutgoingRecord, 'key' | 'value' | 'headers'>;

/** An upper bound of the bytes that headers take. */
export const headersBytesMax = (headers: Headers | undefined): number => {
  let bytes = VARINT_BYTES_MAX;
  if (headers === undefined) return bytes;
  for (const name in headers) {
    const units = name.length + (headers[name] as string).length;
    bytes += 2 * VARINT_BYTES_MAX + BYTES_PER_UNIT_MAX * units;
  }
  return bytes;
};

/** An upper bound of the bytes that a record takes. */
export const packedBytesMax = ({ key, value, headers }: RecordContent): number =>
  OVERHEAD_BYTES_MAX + (key?.length ?? 0) + (value?.length ?? 0) + headersBytesMax(headers);

/** Each of these writes at `at`, where there is room, and returns the end. */
export const putBytes = (target: Buffer, at: number, source: Uint8Array | null): number => {
  if (source === null) return putVarint(target, at, 0);
  const { length } = source;
  const start = putVarint(target, at, length + 1);
  if (length >= LOOP_COPY_BYTES) target.set(source, start);
  else
    for (let index = 0; index < length; index += 1) target[start + index] = source[index] as number;
  return start + length;
};

export const putHeaders = (target: Buffer, at: number, headers: Headers | undefined): number => {
  if (headers === undefined) return putVarint(target, at, 0);
  const names = Object.keys(headers);
  let end = putVarint(target, at, names.length);
  for (const name of names) {
    end = putText(target, end, name);
    // One of its names.
    end = putText(target, end, headers[name] as string);
  }
  return end;
};

const putText = (target: Buffer, at: number, text: string): number => {
  const length = Buffer.byteLength(text);
  const start = putVarint(target, at, length);
  return start + target.write(text, start, 'utf8');
};
