import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { frames } from './kafka-proxy.ts';
import { int16, int32, list } from './kafka-refusals.ts';

const HOST = '127.0.0.1';
const API_KEY_AT = 4;
const CORRELATION_AT = 8;

/** Says what it answers to a request of this kind; undefined: nothing, for ever. */
export type Answers = (apiKey: number, port: number) => Buffer | undefined;

export const API_VERSIONS = 18;

/** That it understands these requests, in so many versions of each. */
export const versionsOf = (apis: Readonly<Record<number, number>>): Buffer => {
  const all = Object.entries({ [API_VERSIONS]: 2, ...apis }).map(([api, newest]) =>
    Buffer.concat([int16(Number(api)), int16(0), int16(newest)]),
  );
  return Buffer.concat([int16(0), list(all), int32(0)]);
};

// It listens on a port, not on a pipe.
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Listens until the test is over, and answers as it is told to, however wrong that is. */
export const fakeBroker = async (
  answers: Answers,
): Promise<{ readonly address: string; readonly sockets: ReadonlySet<Socket> }> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const take = frames((request) => {
      const body = answers(request.readInt16BE(API_KEY_AT), portOf(server));
      if (body === undefined) return;
      const correlation = request.subarray(CORRELATION_AT, CORRELATION_AT + 4);
      socket.write(Buffer.concat([int32(4 + body.length), correlation, body]));
    });
    socket.on('data', take);
  }).listen(0, HOST);
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, 'listening');
  return { address: `${HOST}:${portOf(server)}`, sockets };
};
