import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { TidecastError } from '../../core/errors.ts';
import { SchemaError, type SchemaErrorCode } from '../../schemas/errors.ts';
import { LogError, type LogErrorCode } from '../errors.ts';
import { bodyOf, readMessage, writeMessage } from './message.ts';
import {
  MORE_WAIT_MS,
  PROTOCOL_PATH,
  type Answer,
  type Asked,
  type Operation,
  type Refusal,
} from './protocol.ts';

/** Where the owner of a log answers, and the secret that it announced. */
export interface LogAddress {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly token: string;
  /** How long it may be silent before it is taken for stopped. */
  readonly answerMs?: number;
}

/** It may be stopped, or swapped out: nothing says that it will ever answer. */
class NoAnswer extends Error {}

export interface CallOptions {
  /** Records, encoded. */
  readonly bytes?: Buffer;
  readonly signal?: AbortSignal;
}

export interface Reply<Name extends Operation> {
  readonly answer: Answer<Name>;
  readonly bytes: Buffer;
}

const OK = 200;
const REFUSED = 409;

/** Of silence: more than the largest commit and the slowest disk take. */
const ANSWER_MS = 30_000;

/** The error that the owner met, as if it had been met here. */
const refusedError = ({ code, message, retriable }: Refusal): TidecastError => {
  // The owner's own codes: it sends what it has thrown.
  if (code?.startsWith('LOG_') === true) {
    return new LogError(code as LogErrorCode, message, { retriable });
  }
  if (code?.startsWith('SCHEMA_') === true) {
    return new SchemaError(code as SchemaErrorCode, message, { retriable });
  }
  return new TidecastError(code ?? 'LOG_UNREACHABLE', message, { retriable });
};

/** Requests to the process that owns a log. */
export class Connection {
  private readonly url: URL;
  private readonly token: string;
  private readonly answerMs: number;
  private readonly agent = new Agent({ keepAlive: true });
  private isClosed = false;

  constructor({ address, token, answerMs = ANSWER_MS }: LogAddress) {
    this.url = new URL(PROTOCOL_PATH, address);
    this.token = token;
    this.answerMs = answerMs;
  }

  refuseClosed(): void {
    if (this.isClosed) throw new LogError('LOG_CLOSED', 'the log is closed');
  }

  /** Throws what the owner threw; `LOG_UNREACHABLE` when no answer comes. */
  async call<Name extends Operation>(
    name: Name,
    asked: Asked<Name>,
    options: CallOptions = {},
  ): Promise<Reply<Name>> {
    this.refuseClosed();
    const { status, body } = await this.exchange(name, writeMessage(asked, options.bytes), options);
    const { head, bytes } = this.parse(body);
    // The owner of this version answers with nothing else: another version has another path.
    if (status === OK) return { answer: head as Answer<Name>, bytes };
    const refusal = head as Refusal;
    if (status === REFUSED) throw refusedError(refusal);
    throw this.unreachable(`answers ${status}, ${refusal.message}`);
  }

  close(): void {
    this.isClosed = true;
    this.agent.destroy();
  }

  private async exchange(
    name: Operation,
    parts: readonly Buffer[],
    { signal }: CallOptions,
  ): Promise<{ readonly status: number | undefined; readonly body: Buffer }> {
    try {
      const response = await this.respond(name, parts, signal);
      return { status: response.statusCode, body: await bodyOf(response) };
    } catch (cause) {
      this.refuseClosed();
      throw this.unreachable(cause instanceof NoAnswer ? cause.message : 'does not answer', cause);
    }
  }

  private respond(
    name: Operation,
    parts: readonly Buffer[],
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const headers = { authorization: `Bearer ${this.token}`, 'content-length': length };
    const timeout = this.answerMs + (name === 'more' ? MORE_WAIT_MS : 0);
    const cancelled = signal === undefined ? {} : { signal };
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        new URL(name, this.url),
        { method: 'POST', agent: this.agent, headers, timeout, ...cancelled },
        resolve,
      );
      request.on('error', reject);
      request.on('timeout', () => {
        request.destroy(new NoAnswer(`has been silent for ${timeout / 1_000} s`));
      });
      for (const part of parts) request.write(part);
      request.end();
    });
  }

  private parse(body: Buffer): ReturnType<typeof readMessage> {
    try {
      return readMessage(body);
    } catch (cause) {
      throw this.unreachable('answers something else than a log', cause);
    }
  }

  private unreachable(what: string, cause?: unknown): LogError {
    return new LogError(
      'LOG_UNREACHABLE',
      `the process that owns the log (${this.url.origin}) ${what}: look whether it still runs, ` +
        'then call again',
      { cause, retriable: true },
    );
  }
}
