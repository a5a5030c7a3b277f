import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { onTestFinished } from 'vitest';

/** What it answers; undefined: nothing, ever. */
export interface Reply {
  readonly status: number;
  /** A text is sent as it is, all else as JSON. */
  readonly body: unknown;
}

export interface FakeRegistry {
  /** Ends without a slash, as people write it. */
  readonly address: string;
  /** `GET schemas/ids/1` of each question, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const PATH = '/apis/';

const listening = async (server: Server, protocol: string): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return `${protocol}://127.0.0.1:${address.port}/apis`;
};

/** A registry that answers as a test says, by TLS where keys are given. */
export const fakeRegistry = async (
  answer: (question: string, request: IncomingMessage) => Reply | undefined,
  tls?: ServerOptions,
): Promise<FakeRegistry> => {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    const question = `${request.method ?? ''} ${(request.url ?? '').slice(PATH.length)}`;
    asked.push(question);
    const reply = answer(question, request);
    if (reply === undefined) return;
    response.statusCode = reply.status;
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const address = await listening(server, tls === undefined ? 'http' : 'https');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  onTestFinished(close);
  return { address, asked, close };
};
