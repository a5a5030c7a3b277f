import { groupBy } from './group-by.ts';
import { WireReader } from './wire-reader.ts';

/** The newest version that the library's connections speak. */
export const PRODUCE = { apiKey: 0, apiVersion: 7, apiName: 'Produce' } as const;

const ALL_REPLICAS = -1;
/** How long a broker waits for its replicas at most. */
const REPLICAS_MS_MAX = 10_000;

/** One batch for one partition: a request may have no more of it. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

export interface ProduceRequest {
  readonly transactionalId: string;
  /** No later: the transaction would be aborted by then. */
  readonly transactionTimeoutMs: number;
  readonly batches: readonly PartitionBatch[];
}

export interface ProduceAnswer {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's, 0: none. */
  readonly errorCode: number;
  readonly baseOffset: number;
}

/** A smaller batch is copied: a piece of its own would cost more. */
const COPIED_BYTES = 8 << 10;

/** Bytes of a request in the order in which they go out. */
class Pieces {
  private readonly done: Buffer[] = [];
  private readonly bytes: Buffer;
  private from = 0;
  private at: number;

  /** Memory for all that is not a large batch, behind so much room. */
  constructor(bytes: Buffer, room: number) {
    this.bytes = bytes;
    this.at = room;
  }

  int16(value: number): void {
    this.at = this.bytes.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  text(value: string): void {
    this.int16(Buffer.byteLength(value));
    this.at += this.bytes.write(value, this.at);
  }

  batch(value: Buffer): void {
    this.int32(value.length);
    if (value.length < COPIED_BYTES) {
      this.bytes.set(value, this.at);
      this.at += value.length;
      return;
    }
    this.cut();
    this.done.push(value);
  }

  all(): readonly Buffer[] {
    this.cut();
    return this.done;
  }

  private cut(): void {
    if (this.at > this.from) this.done.push(this.bytes.subarray(this.from, this.at));
    this.from = this.at;
  }
}

/**
 * Body of a Produce request, in pieces and behind so much room in the first: large batches go as
 * they lie.
 * @see https://kafka.apache.org/protocol#The_Messages_Produce
 */
export const producePieces = (
  { transactionalId, transactionTimeoutMs, batches }: ProduceRequest,
  room: number,
): readonly Buffer[] => {
  const topics = groupBy(batches, ({ topic }) => topic);
  let size = room + 2 + Buffer.byteLength(transactionalId) + 2 + 4 + 4;
  for (const topic of topics.keys()) size += 2 + Buffer.byteLength(topic) + 4;
  for (const { batch } of batches) {
    size += 4 + 4 + (batch.length < COPIED_BYTES ? batch.length : 0);
  }
  const pieces = new Pieces(Buffer.allocUnsafe(size), room);
  pieces.text(transactionalId);
  pieces.int16(ALL_REPLICAS);
  pieces.int32(Math.min(REPLICAS_MS_MAX, transactionTimeoutMs));
  pieces.int32(topics.size);
  for (const [topic, partitions] of topics) {
    pieces.text(topic);
    pieces.int32(partitions.length);
    for (const { partition, batch } of partitions) {
      pieces.int32(partition);
      pieces.batch(batch);
    }
  }
  return pieces.all();
};

/** What an answer says of each partition. */
export const produceAnswers = (bytes: Buffer): readonly ProduceAnswer[] => {
  const reader = new WireReader(bytes);
  return reader
    .list(() => {
      const topic = reader.text();
      return reader.list(() => {
        const partition = reader.int32();
        const errorCode = reader.int16();
        const baseOffset = reader.int64();
        // Append time, and the start of the log.
        reader.skip(16);
        return { topic, partition, errorCode, baseOffset };
      });
    })
    .flat();
};
