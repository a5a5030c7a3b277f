import { decompress, Decompress } from 'fzstd';
import { ContentTooLarge, type GrowingBytes } from './growing-bytes.ts';

const FRAME = 0xfd2fb528;
/** The upper 28 bits of what a decoder is to leave out. */
const SKIPPABLE = 0x184d2a5;

const FLAG = { checksum: 0x04, singleSegment: 0x20 } as const;
const WINDOW_AT = 5;
/** No block has more once it is decompressed. */
const BLOCK_BYTES_MAX = 128 << 10;
/** Windows are powers of two from here on. */
const WINDOW_LOG_MIN = 10;
const BLOCK = { raw: 0, repeated: 1, compressed: 2 } as const;

/** Bytes of the content's size in a header, by the two bits that say so. */
const SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

interface Frame {
  readonly bytes: Buffer;
  /** As the header says; undefined where the writer did not know it yet. */
  readonly contentBytes: number | undefined;
  /** More than the blocks can hold is impossible. */
  readonly mostBytes: number;
  readonly isSingleSegment: boolean;
  /** Where the last block begins, and where it ends. */
  readonly lastBlock: { readonly at: number; readonly end: number };
}

const numberAt = (bytes: Buffer, at: number, count: number): number => {
  if (at + count > bytes.length) throw new Error('it ends early');
  return count === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, count);
};

/** Where the blocks begin, and what the header says of their content. */
const headerOf = (bytes: Buffer, at: number) => {
  const flags = numberAt(bytes, at + 4, 1);
  const isSingleSegment = (flags & FLAG.singleSegment) !== 0;
  const sizeCode = flags >> 6;
  const sizeBytes = sizeCode === 0 && isSingleSegment ? 1 : (SIZE_BYTES[sizeCode] ?? 0);
  const sizeAt = at + WINDOW_AT + (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[flags & 3] ?? 0);
  if ((flags & 3) !== 0) throw new Error('it needs a dictionary');
  return {
    isSingleSegment,
    hasChecksum: (flags & FLAG.checksum) !== 0,
    contentBytes:
      sizeBytes === 0
        ? undefined
        : numberAt(bytes, sizeAt, sizeBytes) + (sizeBytes === 2 ? 0x100 : 0),
    blocksAt: sizeAt + sizeBytes,
  };
};

/**
 * A frame from its header to its end, by the headers of its blocks: what it may hold is known
 * before anything is decompressed.
 * @see https://www.rfc-editor.org/rfc/rfc8878
 */
const frameAt = (bytes: Buffer, start: number): Frame => {
  const { blocksAt, hasChecksum, contentBytes, isSingleSegment } = headerOf(bytes, start);
  let mostBytes = 0;
  let at = blocksAt;
  let lastAt = at;
  for (let isLast = false; !isLast;) {
    const head = numberAt(bytes, at, 3);
    lastAt = at;
    isLast = (head & 1) !== 0;
    const kind = (head >> 1) & 3;
    const size = head >> 3;
    mostBytes += kind === BLOCK.compressed ? BLOCK_BYTES_MAX : size;
    at += 3 + (kind === BLOCK.repeated ? 1 : size);
  }
  const end = at + (hasChecksum ? 4 : 0);
  if (end > bytes.length) throw new Error('it ends early');
  return {
    ...{ bytes: bytes.subarray(start, end), contentBytes, mostBytes, isSingleSegment },
    lastBlock: { at: lastAt - start, end: at - start },
  };
};

/**
 * A window is as large as a writer might have liked, 2 MB for any batch of Java's producers, and
 * is allocated for each frame: no more is needed of it than the frame can hold.
 */
const withSmallWindow = ({ bytes, mostBytes }: Frame): Buffer => {
  const log = Math.ceil(Math.log2(Math.max(mostBytes, BLOCK_BYTES_MAX)));
  const own = numberAt(bytes, WINDOW_AT, 1);
  const small = (log - WINDOW_LOG_MIN) << 3;
  if (own <= small) return bytes;
  const copy = Buffer.from(bytes);
  copy[WINDOW_AT] = small;
  return copy;
};

const MARK = 0xa5;
/** The last of a frame: the mark, once. */
const MARK_BLOCK = Buffer.from([1 | (BLOCK.repeated << 1) | (1 << 3), 0, 0, MARK]);

/**
 * The library fills what it is given and does not say how far: behind the content, however long it
 * is, goes a mark.
 */
const marked = ({ bytes, lastBlock: { at, end } }: Frame): Buffer => {
  const frame = Buffer.concat([bytes.subarray(0, end), MARK_BLOCK, bytes.subarray(end)]);
  frame.writeUInt8(frame.readUInt8(at) & ~1, at);
  return frame;
};

const contentOf = (frame: Frame, contentBytes: number): Buffer => {
  const content = Buffer.allocUnsafe(contentBytes + 1);
  content[contentBytes] = 0;
  decompress(marked(frame), content);
  if (content[contentBytes] !== MARK) {
    throw new Error(`it has not the ${contentBytes} bytes it says`);
  }
  return content;
};

const append = (frame: Frame, out: GrowingBytes, limitBytes: number): void => {
  const { contentBytes, mostBytes, isSingleSegment } = frame;
  if (contentBytes !== undefined) {
    if (contentBytes > limitBytes) throw new ContentTooLarge(limitBytes);
    if (contentBytes > mostBytes) throw new Error(`it has not the ${contentBytes} bytes it says`);
    out.append(contentOf(frame, contentBytes), 0, contentBytes);
    return;
  }
  if (isSingleSegment) throw new Error('it does not say how much it holds');
  const stream = new Decompress((block) => out.append(block, 0, block.length));
  stream.push(withSmallWindow(frame), true);
};

/** One frame or several, whether or not they say how much they hold. */
export const zstdContent = (bytes: Buffer, out: GrowingBytes, limitBytes: number): void => {
  for (let at = 0; at < bytes.length;) {
    const mark = numberAt(bytes, at, 4);
    if (mark >>> 4 === SKIPPABLE) {
      at += 8 + numberAt(bytes, at + 4, 4);
      continue;
    }
    if (mark !== FRAME) throw new Error('it is no frame of Zstandard');
    const frame = frameAt(bytes, at);
    append(frame, out, limitBytes);
    at += frame.bytes.length;
  }
};
