import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import type { Online } from '../../../src/online/online.ts';
import { openServer } from '../../../src/serving/serving.ts';
import type { ServingOptions } from '../../../src/serving/options.ts';
import { newStatus, type TaskStatus } from '../../../src/streams/task-status.ts';
import { notedLogger } from '../../support/noted-logger.ts';
import { caughtUp, HORIZON, ViewedLog } from '../../support/online-view.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body, when it is JSON. */
  readonly body: Record<string, unknown>;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** Sent as it is when it is text, as JSON otherwise. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const asText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** The API on a log in memory. */
export class Api {
  readonly viewed = new ViewedLog();
  readonly logger = notedLogger();
  readonly tasks: TaskStatus[] = [];
  awaitedGroups: readonly string[] = [];
  isReady = true;
  online: Online | undefined;
  private app: FastifyInstance | undefined;

  async options(given: Partial<ServingOptions> = {}): Promise<ServingOptions> {
    this.online ??= await this.viewed.open();
    const { store, feed } = this.online;
    return {
      http: { host: '127.0.0.1', port: 0, tokens: [] },
      limits: { httpBodyBytesMax: 10_000, httpStreamsMax: 4, seriesIdBytesMax: 512 },
      clock: this.viewed.clock,
      speed: 1,
      version: '0.0.1',
      streams: [
        {
          name: 'departures',
          isDefault: true,
          frequency: '1h',
          horizon: HORIZON,
          levels: [80, 95],
          timeZone: 'UTC',
          staleAfterMs: 6 * 3_600_000,
        },
      ],
      online: store,
      feed,
      tasks: () => this.tasks,
      awaitedGroups: () => this.awaitedGroups,
      isReady: () => this.isReady,
      metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'up 1\n' },
      logger: this.logger,
      ...given,
    };
  }

  async open(given: Partial<ServingOptions> = {}): Promise<FastifyInstance> {
    await this.app?.close();
    this.app = await openServer(await this.options(given));
    return this.app;
  }

  running(topology: string): TaskStatus {
    const status = newStatus(topology, 'departures', 0);
    status.state = 'RUNNING';
    this.tasks.push(status);
    return status;
  }

  async followed(): Promise<void> {
    this.online ??= await this.viewed.open();
    await caughtUp(this.online, this.viewed.log);
  }

  async call({ method = 'GET', url, body, headers = {} }: Call): Promise<Answer> {
    const app = this.app ?? (await this.open());
    const response = await app.inject({
      method,
      url,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: asText(body) }),
    });
    const isJson = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.payload,
      // Every JSON answer is an object.
      body: isJson ? (JSON.parse(response.payload) as Record<string, unknown>) : {},
    };
  }

  get(url: string): Promise<Answer> {
    return this.call({ url });
  }

  forecast(body: unknown): Promise<Answer> {
    return this.call({ method: 'POST', url: '/forecast', body });
  }

  async close(): Promise<void> {
    await this.app?.close();
    await this.online?.close();
  }
}

const ajv = new Ajv({ strict: false, allErrors: true });

/** What of an answer its schema does not allow; nothing when it is as documented. */
export const problemsOf = (schema: object, body: unknown): readonly string[] => {
  const validate = ajv.compile(closed(schema) as object);
  validate(body);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

/** The schema without room for members that it does not name. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([name, value]) => [name, closed(value)]);
  // Built from entries of an object.
  const copy = Object.fromEntries(members) as Record<string, unknown>;
  return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
};
