import { createHash, timingSafeEqual } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { abortedBy } from '../../core/aborted-by.ts';
import { messageOf, TidecastError } from '../../core/errors.ts';
import { LogService, type Extra, type LogServiceOptions } from './log-service.ts';
import { BodyTooLarge, bodyOf, readMessage, writeMessage } from './message.ts';
import { PROTOCOL_PATH, REQUEST_BYTES_MAX, type Operation, type Refusal } from './protocol.ts';

export interface LogServerOptions extends LogServiceOptions {
  /** What a client must bear; whoever has it may append. */
  readonly token: string;
}

/** The log of this process, open to other processes of this machine that have the token. */
export interface LogServer {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const OK = 200;
const BAD_REQUEST = 400;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
const REFUSED = 409;
const TOO_LARGE = 413;
const UNEXPECTED = 500;

/** A request that does not reach the log. */
class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Both sides hashed first, so that neither length nor content shows in the time that it takes. */
const isBearerOf = (token: string, { headers }: IncomingMessage): boolean =>
  timingSafeEqual(digestOf(headers.authorization ?? ''), digestOf(`Bearer ${token}`));

const write = (response: ServerResponse, status: number, parts: readonly Buffer[]): void => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  response.writeHead(status, {
    'content-type': 'application/octet-stream',
    'content-length': length,
  });
  for (const part of parts) response.write(part);
  response.end();
};

const statusOf = (error: unknown): number => {
  if (error instanceof BodyTooLarge) return TOO_LARGE;
  return error instanceof RequestError ? error.status : UNEXPECTED;
};

const refusalOf = (error: unknown): readonly [status: number, refusal: Refusal] => {
  if (error instanceof TidecastError) {
    const { code, message, retriable } = error;
    return [REFUSED, { code, message, retriable }];
  }
  const message = messageOf(error);
  return [statusOf(error), { message, retriable: false }];
};

/** One connection of a client to a log: authorises, reads, runs, answers. */
class RequestHandler {
  private readonly service: LogService;
  private readonly token: string;
  private readonly closing: AbortSignal;

  constructor(service: LogService, token: string, closing: AbortSignal) {
    this.service = service;
    this.token = token;
    this.closing = closing;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const over = abortedBy(this.closing);
    response.once('close', () => {
      over.abort();
    });
    try {
      write(response, OK, await this.run(request, over.signal));
    } catch (error) {
      const [status, refusal] = refusalOf(error);
      // Nobody reads the rest of a request that is refused.
      if (!request.complete) response.setHeader('connection', 'close');
      write(response, status, writeMessage(refusal));
    }
  }

  private async run(request: IncomingMessage, signal: AbortSignal): Promise<readonly Buffer[]> {
    if (!isBearerOf(this.token, request)) {
      throw new RequestError(UNAUTHORIZED, 'the token is not the one that this process announced');
    }
    const { url = '', method } = request;
    const name = url.slice(PROTOCOL_PATH.length);
    if (method !== 'POST' || !url.startsWith(PROTOCOL_PATH) || !this.isOperation(name)) {
      throw new RequestError(NOT_FOUND, `this version of tidecast does not answer ${url}`);
    }
    const { head, bytes } = this.parse(await bodyOf(request, REQUEST_BYTES_MAX));
    const { answer, bytes: answered } = await this.call(name, head, { bytes, signal });
    return writeMessage(answer, answered);
  }

  private isOperation(name: string): name is Operation {
    return Object.hasOwn(this.service.handlers, name);
  }

  private parse(body: Buffer): ReturnType<typeof readMessage> {
    try {
      return readMessage(body);
    } catch (error) {
      throw new RequestError(BAD_REQUEST, `the request cannot be read: ${String(error)}`);
    }
  }

  private call(
    name: Operation,
    head: unknown,
    extra: Extra,
  ): Promise<{ readonly answer: unknown; readonly bytes?: Buffer }> {
    // Whoever has the token speaks this protocol: what it asks is what the operation takes.
    const handler = this.service.handlers[name] as (
      asked: unknown,
      extra: Extra,
    ) => Promise<{ readonly answer: unknown; readonly bytes?: Buffer }>;
    return handler(head, extra);
  }
}

const listen = async (server: Server): Promise<number> => {
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return address.port;
};

/** Serves a log on a free port of this machine alone. */
export const serveLog = async (options: LogServerOptions): Promise<LogServer> => {
  const service = new LogService(options);
  const closing = new AbortController();
  // As many requests as there are wait for it.
  setMaxListeners(0, closing.signal);
  const handler = new RequestHandler(service, options.token, closing.signal);
  const server = createServer((request, response) => void handler.handle(request, response));
  // A client must never send a commit on a connection that is being closed for its idleness.
  server.keepAliveTimeout = 0;
  const port = await listen(server);
  return {
    address: `http://${HOST}:${port}`,
    close: async () => {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      await service.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
