import { WireReader } from './wire-reader.ts';
import type { FetchedPartition } from './committed-records.ts';
import { groupBy } from './group-by.ts';
import { putInt64 } from './record-batch.ts';

/** The newest version that the library's connections speak. */
export const FETCH = { apiKey: 1, apiVersion: 11, apiName: 'Fetch' } as const;

const READ_COMMITTED = 1;
const NO_REPLICA = -1;
const NO_SESSION = -1;
const NO_EPOCH = -1;

export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
}

export interface FetchRequest {
  readonly positions: readonly FetchPosition[];
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

/** A partition of the answer. */
export interface FetchAnswer extends FetchedPartition {
  /** Kafka's, 0: none. */
  readonly errorCode: number;
  /** The end for a committed read. */
  readonly stableEnd: number;
}

const HEAD_BYTES = 25;
const TAIL_BYTES = 6;
const PARTITION_BYTES = 28;
const TOPIC_BYTES = 6;

/**
 * Body of a Fetch request: every position on one connection, since a broker answers those of a
 * connection one after the other.
 * @see https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export const fetchBody = ({ positions, maxWaitMs, maxBytes }: FetchRequest): Buffer => {
  const topics = groupBy(positions, ({ topic }) => topic);
  let size = HEAD_BYTES + 4 + TAIL_BYTES + positions.length * PARTITION_BYTES;
  for (const topic of topics.keys()) size += TOPIC_BYTES + Buffer.byteLength(topic);
  const body = Buffer.alloc(size);
  body.writeInt32BE(NO_REPLICA, 0);
  body.writeInt32BE(maxWaitMs, 4);
  // At least one byte, or the wait would end at once.
  body.writeInt32BE(1, 8);
  body.writeInt32BE(maxBytes, 12);
  body[16] = READ_COMMITTED;
  body.writeInt32BE(0, 17);
  body.writeInt32BE(NO_SESSION, 21);
  let at = body.writeInt32BE(topics.size, HEAD_BYTES);
  for (const [topic, partitions] of topics) {
    at = body.writeInt16BE(Buffer.byteLength(topic), at);
    at += body.write(topic, at);
    at = body.writeInt32BE(partitions.length, at);
    for (const { partition, from } of partitions) {
      at = body.writeInt32BE(partition, at);
      at = body.writeInt32BE(NO_EPOCH, at);
      putInt64(body, at, from);
      putInt64(body, at + 8, -1);
      at = body.writeInt32BE(maxBytes, at + 16);
    }
  }
  // No topics to forget, no rack.
  return body;
};

/** What an answer says of each partition. */
export const fetchAnswers = (
  bytes: Buffer,
): { readonly errorCode: number; readonly partitions: readonly FetchAnswer[] } => {
  const reader = new WireReader(bytes);
  // How long the broker wants to be left alone, which Kafka itself holds the connection for.
  reader.int32();
  const errorCode = reader.int16();
  // No session.
  reader.int32();
  const partitions = reader
    .list(() => {
      const topic = reader.text();
      return reader.list(() => partitionAnswer(reader, topic));
    })
    .flat();
  return { errorCode, partitions };
};

const partitionAnswer = (reader: WireReader, topic: string): FetchAnswer => {
  const partition = reader.int32();
  const errorCode = reader.int16();
  // The high watermark.
  reader.int64();
  const stableEnd = reader.int64();
  // The start of the log.
  reader.int64();
  const aborted = reader.list(() => ({
    producerId: reader.int64(),
    firstOffset: reader.int64(),
  }));
  // A replica that is nearer.
  reader.int32();
  return { topic, partition, errorCode, stableEnd, aborted, records: reader.view() };
};
