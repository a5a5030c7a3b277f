import { crc32c } from '@node-rs/crc32';

// How a record batch (format 2) lies on the wire and in Kafka's segments, head first.
// https://kafka.apache.org/documentation/#recordbatch
export const BATCH = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

/** What the length of a batch does not count: the base offset, and itself. */
export const LENGTH_ENDS_AT = BATCH.leaderEpoch;
export const MAGIC = 2;

export const ATTRIBUTE = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;

/** Whose transaction a batch belongs to, and where it goes in the sequence of its partition. */
export interface BatchOrigin {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  /** Epoch ms; the broker writes its own where a topic has append time. */
  readonly timestampMs: number;
}

const TWO_32 = 2 ** 32;

export const putInt64 = (to: Buffer, at: number, value: number): void => {
  to.writeInt32BE(Math.floor(value / TWO_32), at);
  to.writeUInt32BE(value % TWO_32 >= 0 ? value % TWO_32 : (value % TWO_32) + TWO_32, at + 4);
};

export const int64At = (from: Buffer, at: number): number =>
  from.readInt32BE(at) * TWO_32 + from.readUInt32BE(at + 4);

/** A batch that nobody has been named in yet: its head is free. */
export interface UnsealedBatch {
  readonly count: number;
  readonly bytes: Buffer;
}

/** Writes the head of a batch of a transaction, and with it the batch is whole. */
export const sealed = ({ count, bytes }: UnsealedBatch, origin: BatchOrigin): Buffer => {
  putInt64(bytes, BATCH.baseOffset, 0);
  bytes.writeInt32BE(bytes.length - LENGTH_ENDS_AT, BATCH.length);
  bytes.writeInt32BE(0, BATCH.leaderEpoch);
  bytes[BATCH.magic] = MAGIC;
  bytes.writeInt16BE(ATTRIBUTE.transactional, BATCH.attributes);
  bytes.writeInt32BE(count - 1, BATCH.lastOffsetDelta);
  putInt64(bytes, BATCH.baseTimestamp, origin.timestampMs);
  putInt64(bytes, BATCH.maxTimestamp, origin.timestampMs);
  putInt64(bytes, BATCH.producerId, origin.producerId);
  bytes.writeInt16BE(origin.producerEpoch, BATCH.producerEpoch);
  bytes.writeInt32BE(origin.baseSequence, BATCH.baseSequence);
  bytes.writeInt32BE(count, BATCH.count);
  bytes.writeUInt32BE(crc32c(bytes.subarray(BATCH.attributes)), BATCH.crc);
  return bytes;
};
