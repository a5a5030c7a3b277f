import { WireReader } from '../../src/log/kafka/wire-reader.ts';

/** Kafka's numbers of requests, as far as tests name them. */
export const API = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  findCoordinator: 10,
  heartbeat: 12,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const;

/** Kafka's numbers of errors. */
export const ERROR = {
  unknownTopic: 3,
  notLeader: 6,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidProducerEpoch: 47,
  concurrentTransactions: 51,
} as const;

type Topics = readonly { readonly topic: string; readonly partitions: readonly number[] }[];

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const minus = (bytes: number): Buffer => Buffer.alloc(bytes, 0xff);
export const text = (value: string): Buffer =>
  Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
export const list = (items: readonly Buffer[]): Buffer =>
  Buffer.concat([int32(items.length), ...items]);

const perPartition = (topics: Topics, answer: (partition: number) => Buffer): Buffer =>
  list(
    topics.map(({ topic, partitions }) =>
      Buffer.concat([text(topic), list(partitions.map(answer))]),
    ),
  );

const NO_THROTTLE = int32(0);

const produced = (request: WireReader): Topics => {
  request.text();
  request.skip(2 + 4);
  return request.list(() => ({
    topic: request.text(),
    partitions: request.list(() => {
      const partition = request.int32();
      request.skip(request.int32());
      return partition;
    }),
  }));
};

const fetched = (request: WireReader): Topics => {
  request.skip(4 + 4 + 4 + 4 + 1 + 4 + 4);
  return request.list(() => ({
    topic: request.text(),
    partitions: request.list(() => {
      const partition = request.int32();
      request.skip(4 + 8 + 8 + 4);
      return partition;
    }),
  }));
};

const listed = (request: WireReader): Topics => {
  request.skip(4 + 1);
  return request.list(() => ({
    topic: request.text(),
    partitions: request.list(() => {
      const partition = request.int32();
      request.skip(8);
      return partition;
    }),
  }));
};

const added = (request: WireReader): Topics => {
  request.text();
  request.skip(8 + 2);
  return request.list(() => ({
    topic: request.text(),
    partitions: request.list(() => request.int32()),
  }));
};

type Refuse = (request: WireReader, error: Buffer) => Buffer;

/** An error alone, behind the throttle time. */
const alone: Refuse = (_, error) => Buffer.concat([NO_THROTTLE, error]);

/** In the versions that the product speaks. */
const REFUSALS: Readonly<Record<number, Refuse>> = {
  [API.produce]: (request, error) => {
    const answer = (partition: number): Buffer =>
      Buffer.concat([int32(partition), error, minus(8 + 8 + 8)]);
    return Buffer.concat([perPartition(produced(request), answer), NO_THROTTLE]);
  },
  [API.fetch]: (request, error) => {
    const answer = (partition: number): Buffer =>
      Buffer.concat([int32(partition), error, minus(8 + 8 + 8 + 4 + 4), int32(0)]);
    const nothing = Buffer.concat([NO_THROTTLE, int16(0), int32(0)]);
    return Buffer.concat([nothing, perPartition(fetched(request), answer)]);
  },
  [API.listOffsets]: (request, error) => {
    const answer = (partition: number): Buffer =>
      Buffer.concat([int32(partition), error, minus(8 + 8)]);
    return Buffer.concat([NO_THROTTLE, perPartition(listed(request), answer)]);
  },
  [API.addPartitionsToTxn]: (request, error) => {
    const answer = (partition: number): Buffer => Buffer.concat([int32(partition), error]);
    return Buffer.concat([NO_THROTTLE, perPartition(added(request), answer)]);
  },
  [API.findCoordinator]: (_, error) =>
    Buffer.concat([NO_THROTTLE, error, minus(2), minus(4), text(''), minus(4)]),
  [API.initProducerId]: (_, error) => Buffer.concat([NO_THROTTLE, error, minus(8), minus(2)]),
  [API.heartbeat]: alone,
  [API.addOffsetsToTxn]: alone,
  [API.endTxn]: alone,
};

/** A request, from its size on. */
export interface RequestFrame {
  readonly apiKey: number;
  readonly correlationId: number;
  readonly bytes: Buffer;
}

const CLIENT_ID_AT = 12;

/** What a broker would say that refuses a request with one of Kafka's error codes. */
export const refusalOf = (
  { apiKey, correlationId, bytes }: RequestFrame,
  errorCode: number,
): Buffer => {
  const refuse = REFUSALS[apiKey];
  if (refuse === undefined) throw new Error(`the proxy cannot refuse requests of key ${apiKey}`);
  const request = new WireReader(bytes, CLIENT_ID_AT);
  request.text();
  const body = refuse(request, int16(errorCode));
  return Buffer.concat([int32(4 + body.length), int32(correlationId), body]);
};
