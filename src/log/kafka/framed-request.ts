import type { Connection } from 'kafkajs/src/cluster/index.js';
import { assert } from '../../core/assert.ts';

/** What is asked, by Kafka's number and version of it. */
export interface Api {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
}

// What a request begins with: how long the rest is, what is asked, its number, who asks.
// https://kafka.apache.org/protocol#protocol_messages
const SIZE_BYTES = 4;
const FIXED_BYTES = SIZE_BYTES + 2 + 2 + 4 + 2;

/** Room that a frame leaves in front of its body. */
export const headBytes = ({ clientId }: Pick<Connection, 'clientId'>): number =>
  FIXED_BYTES + Buffer.byteLength(clientId);

const putHead = (
  pieces: readonly Buffer[],
  { apiKey, apiVersion }: Api,
  from: { readonly correlationId: number; readonly clientId: string },
): void => {
  const [first] = pieces;
  assert(first !== undefined, 'a request has bytes');
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  let at = first.writeInt32BE(size - SIZE_BYTES, 0);
  at = first.writeInt16BE(apiKey, at);
  at = first.writeInt16BE(apiVersion, at);
  at = first.writeInt32BE(from.correlationId, at);
  at = first.writeInt16BE(Buffer.byteLength(from.clientId), at);
  first.write(from.clientId, at);
};

/**
 * Sends a body in pieces, the first of which begins with the room for its head, and resolves with
 * the answer. The library itself copies a request three times, each into memory that it clears
 * before.
 */
export const sendFramed = async (
  connection: Connection,
  api: Api,
  pieces: readonly Buffer[],
): Promise<Buffer> => {
  if (!connection.isAuthenticated()) await connection.authenticate();
  const { clientId } = connection;
  const correlationId = connection.nextCorrelationId();
  putHead(pieces, api, { correlationId, clientId });
  const { payload } = await new Promise<{ readonly payload: Buffer }>((resolve, reject) => {
    connection.failIfNotConnected();
    connection.requestQueue.push({
      entry: { ...api, correlationId, resolve, reject },
      expectResponse: true,
      sendRequest: () => {
        const { socket } = connection;
        // One call of the system for all of them.
        socket.cork();
        for (const piece of pieces) socket.write(piece);
        socket.uncork();
      },
    });
  });
  return payload;
};
