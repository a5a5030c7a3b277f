import { WireReader } from './wire-reader.ts';

/** The newest version that the library's connections speak. */
export const PRODUCE = { apiKey: 0, apiVersion: 7, apiName: 'Produce' } as const;

const ALL_REPLICAS = -1;
const TIMEOUT_MS = 30_000;

/** One batch for one partition: a request may have no more of it. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

export interface ProduceRequest {
  readonly transactionalId: string;
  readonly batches: readonly PartitionBatch[];
}

export interface ProduceAnswer {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's, 0: none. */
  readonly errorCode: number;
  readonly baseOffset: number;
}

/**
 * Body of a Produce request, written once into memory of its size, behind so much room.
 * @see https://kafka.apache.org/protocol#The_Messages_Produce
 */
export const produceFrame = (
  { transactionalId, batches }: ProduceRequest,
  room: number,
): Buffer => {
  const topics = new Map<string, PartitionBatch[]>();
  let size = room + 2 + Buffer.byteLength(transactionalId) + 2 + 4 + 4;
  for (const one of batches) {
    const known = topics.get(one.topic);
    if (known === undefined) {
      topics.set(one.topic, [one]);
      size += 2 + Buffer.byteLength(one.topic) + 4;
    } else known.push(one);
    size += 4 + 4 + one.batch.length;
  }
  const body = Buffer.allocUnsafe(size);
  let at = body.writeInt16BE(Buffer.byteLength(transactionalId), room);
  at += body.write(transactionalId, at);
  at = body.writeInt16BE(ALL_REPLICAS, at);
  at = body.writeInt32BE(TIMEOUT_MS, at);
  at = body.writeInt32BE(topics.size, at);
  for (const [topic, partitions] of topics) {
    at = body.writeInt16BE(Buffer.byteLength(topic), at);
    at += body.write(topic, at);
    at = body.writeInt32BE(partitions.length, at);
    for (const { partition, batch } of partitions) {
      at = body.writeInt32BE(partition, at);
      at = body.writeInt32BE(batch.length, at);
      body.set(batch, at);
      at += batch.length;
    }
  }
  return body;
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
