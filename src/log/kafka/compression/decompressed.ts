import { gunzipSync } from 'node:zlib';
import { messageOf } from '../../../core/errors.ts';
import { LogError } from '../../errors.ts';
import { ContentTooLarge, GrowingBytes } from './growing-bytes.ts';
import { lz4Content } from './lz4.ts';
import { snappyContent } from './snappy.ts';
import { zstdContent } from './zstd.ts';

/**
 * A batch has a megabyte where brokers are as they come, compressed; some bytes of it could ask for
 * any memory there is.
 */
const CONTENT_BYTES_MAX = 64 << 20;

interface Codec {
  readonly name: string;
  readonly read: (bytes: Buffer, limitBytes: number) => Buffer;
}

const grown =
  (read: (bytes: Buffer, out: GrowingBytes, limitBytes: number) => void): Codec['read'] =>
  (bytes, limitBytes) => {
    const out = new GrowingBytes(limitBytes);
    read(bytes, out, limitBytes);
    return out.whole();
  };

/** By their numbers in the attributes of a batch; 0 is none. */
const CODECS: readonly (Codec | undefined)[] = [
  undefined,
  { name: 'gzip', read: (bytes, limitBytes) => gunzipSync(bytes, { maxOutputLength: limitBytes }) },
  { name: 'snappy', read: grown(snappyContent) },
  { name: 'lz4', read: grown(lz4Content) },
  { name: 'zstd', read: grown(zstdContent) },
];

const isTooLarge = (error: unknown): boolean =>
  error instanceof ContentTooLarge ||
  (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE');

export interface Compressed {
  /** As the attributes of its batch have it. */
  readonly codec: number;
  readonly bytes: Buffer;
  /** Of the batch, for messages. */
  readonly where: string;
}

/**
 * What a compressed batch holds. Throws LogError: LOG_CODEC_UNKNOWN, LOG_BATCH_TOO_LARGE or
 * LOG_CORRUPT, none of which another try would change.
 */
export const decompressed = (
  { codec, bytes, where }: Compressed,
  limitBytes = CONTENT_BYTES_MAX,
): Buffer => {
  const known = CODECS[codec];
  if (known === undefined) {
    const names = CODECS.flatMap((one) => one?.name ?? []).join(', ');
    throw new LogError(
      'LOG_CODEC_UNKNOWN',
      `${where} is compressed by codec ${codec}, which is unknown here: let its producer use ` +
        `${names} or none`,
    );
  }
  try {
    return known.read(bytes, limitBytes);
  } catch (error) {
    if (isTooLarge(error)) {
      throw new LogError(
        'LOG_BATCH_TOO_LARGE',
        `${where} is a batch of ${bytes.length} bytes that holds more than ${limitBytes} once ` +
          `it is decompressed (${known.name}): let its producer send smaller batches`,
        { cause: error },
      );
    }
    const said = messageOf(error);
    throw new LogError('LOG_CORRUPT', `${where} is no ${known.name} that can be read: ${said}`, {
      cause: error,
    });
  }
};
