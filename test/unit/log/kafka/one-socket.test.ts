import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import Connection from 'kafkajs/src/network/connection.js';
import type { Connection as Asked } from 'kafkajs/src/cluster/index.js';
import loggers from 'kafkajs/src/loggers/index.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendFramed } from '../../../../src/log/kafka/framed-request.ts';
import { keepOneSocket } from '../../../../src/log/kafka/one-socket.ts';

const API = { apiKey: 0, apiVersion: 7, apiName: 'Produce' };
const CLIENT = 'c';
const HEAD_BYTES = 15;
const CORRELATION_AT = 8;
const ANSWER = Buffer.from('what was asked for');

/** Answers each request of each socket, of the first one so many bytes only. */
const server = async (arriving: number): Promise<number> => {
  let isFirst = true;
  const listening = createServer((socket) => {
    socket.on('data', (request) => {
      const head = Buffer.alloc(8);
      head.writeInt32BE(4 + ANSWER.length);
      request.copy(head, 4, CORRELATION_AT, CORRELATION_AT + 4);
      const answer = Buffer.concat([head, ANSWER]);
      if (isFirst) socket.end(answer.subarray(0, arriving));
      else socket.write(answer);
      isFirst = false;
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void listening.close());
  await once(listening, 'listening');
  // It listens on a port, not on a pipe.
  return (listening.address() as AddressInfo).port;
};

keepOneSocket();

describe('a connection of the library', () => {
  it.each([2, 4, 8, 12])('is sound again after an answer was cut behind %i bytes', async (cut) => {
    const connection = new Connection({
      ...{ host: '127.0.0.1', port: await server(cut), clientId: CLIENT },
      logger: loggers.createLogger({ level: 0, logCreator: () => () => undefined }),
      socketFactory: socketFactory(),
      ...{ connectionTimeout: 1_000, requestTimeout: 500 },
    });
    onTestFinished(async () => {
      await connection.disconnect();
    });
    const ask = async (): Promise<string> => {
      await connection.connect();
      // The same class, as those of a broker are described.
      const asked = connection as unknown as Asked;
      return String(await sendFramed(asked, API, [Buffer.alloc(HEAD_BYTES)]));
    };
    await expect(ask()).rejects.toThrow('Closed connection');
    await connection.disconnect();
    for (let time = 0; time < 3; time += 1) expect(await ask()).toBe(String(ANSWER));
  });
});
