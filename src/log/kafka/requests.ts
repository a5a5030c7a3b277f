import Encoder from 'kafkajs/src/protocol/encoder.js';
import type { Broker } from 'kafkajs/src/cluster/index.js';
import { errorOf } from './kafka-error.ts';
import { headBytes, sendFramed, type Api } from './framed-request.ts';
import {
  fetchAnswers,
  fetchBody,
  FETCH,
  type FetchAnswer,
  type FetchRequest,
} from './fetch-protocol.ts';
import {
  produceAnswers,
  producePieces,
  PRODUCE,
  type ProduceAnswer,
  type ProduceRequest,
} from './produce-protocol.ts';

/** Longer than any broker takes to answer that is well. */
const MARGIN_MS = 15_000;

/** A body that is whole already. */
const requestOf = (api: Api, body: Buffer) => ({
  ...api,
  encode: async () => {
    const encoder = new Encoder(body.length);
    encoder.writeBufferInternal(body);
    return encoder;
  },
});

const parse = async <T>(decoded: T): Promise<T> => decoded;

/** Connections of a broker: what waits for records must not hold up all else. */
const WAITING = 1;
const PROMPT = 0;

const fetchOn = async (
  broker: Broker,
  place: number,
  request: FetchRequest,
): Promise<readonly FetchAnswer[]> => {
  const connection = await broker.connectionPool.getConnection(place);
  const { errorCode, partitions } = await connection.send({
    request: requestOf(FETCH, fetchBody(request)),
    response: {
      decode: async (bytes) => ({ clientSideThrottleTime: 0, ...fetchAnswers(bytes) }),
      parse,
    },
    requestTimeout: request.maxWaitMs + MARGIN_MS,
    logResponseError: false,
  });
  if (errorCode !== 0) throw errorOf(errorCode);
  return partitions;
};

/** Waits at the broker until there is something. */
export const awaitRecords = (
  broker: Broker,
  request: FetchRequest,
): Promise<readonly FetchAnswer[]> => fetchOn(broker, WAITING, request);

/** Takes what is there now. */
export const fetchNow = (
  broker: Broker,
  request: Omit<FetchRequest, 'maxWaitMs'>,
): Promise<readonly FetchAnswer[]> => fetchOn(broker, PROMPT, { ...request, maxWaitMs: 0 });

/** Asks what the library has no request for. */
export const askBroker = async <T>(
  broker: Broker,
  api: Api,
  { encode, decode }: { readonly encode: () => Encoder; readonly decode: (bytes: Buffer) => T },
): Promise<T> => {
  const connection = await broker.connectionPool.getConnection(PROMPT);
  const { answer } = await connection.send({
    request: { ...api, encode: async () => encode() },
    response: {
      decode: async (bytes) => ({ clientSideThrottleTime: 0, answer: decode(bytes) }),
      parse,
    },
    logResponseError: false,
  });
  return answer;
};

export const produceTo = async (
  broker: Broker,
  request: ProduceRequest,
): Promise<readonly ProduceAnswer[]> => {
  const connection = await broker.connectionPool.getConnection(PROMPT);
  const pieces = producePieces(request, headBytes(connection));
  return produceAnswers(await sendFramed(connection, PRODUCE, pieces));
};
