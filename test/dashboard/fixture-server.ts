import type { ServerResponse } from 'node:http';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import { pageFolders } from '../../src/dashboard/page-folders.ts';
import { MODELS } from './fixture-models.ts';
import { seriesResponse } from './fixture-series.ts';
import {
  ACCURACY,
  FIXTURE_SERIES,
  listOf,
  STATUS,
  TROUBLED,
  troubledList,
} from './fixture-status.ts';

export interface FixtureServer {
  readonly url: string;
  readonly port: number;
  /** Sends an event to every page that listens, and says how many do. */
  push(type: string, data: object): number;
  /** Whether a page listens to this series: it opens another connection for each. */
  isFollowed(series: string): boolean;
  /** Breaks every open connection, as a process that dies does. */
  close(): Promise<void>;
}

interface ListQuery {
  readonly stream?: string;
  readonly search?: string;
  readonly limit?: string;
  readonly offset?: string;
}

/** Stricter than the server's own: nothing inline, nothing from elsewhere. */
const POLICY = "default-src 'self'";
const EMPTY_STREAM = 'arrivals';

const routes = (app: FastifyInstance): void => {
  app.get('/status', () => STATUS);
  app.get<{ Querystring: ListQuery }>('/series', ({ query }) => {
    if (query.stream === EMPTY_STREAM) return { stream: EMPTY_STREAM, total: 0, series: [] };
    const [limit, offset] = [Number(query.limit ?? 100), Number(query.offset ?? 0)];
    if (query.stream === TROUBLED) return troubledList(limit, offset);
    return listOf(query.search ?? '', limit, offset);
  });
  app.get<{ Params: { id: string }; Querystring: { periods?: string } }>(
    '/series/:id',
    async ({ params, query }, reply) => {
      const found = FIXTURE_SERIES.find(({ id }) => id === params.id);
      if (found !== undefined) return seriesResponse(found, Number(query.periods ?? 336));
      return reply
        .code(404)
        .send({ detail: `no series "${params.id}"`, code: 'X', request_id: '1' });
    },
  );
  app.get<{ Querystring: ListQuery }>('/models', ({ query }) =>
    query.stream === EMPTY_STREAM ? { models: [] } : MODELS,
  );
  app.get<{ Querystring: ListQuery }>('/accuracy', ({ query }) =>
    query.stream === EMPTY_STREAM ? { accuracy: [] } : ACCURACY,
  );
};

/** The real page before routes that answer as the API does, with one day of one fixed stream. */
export const fixtureServer = async (port = 0): Promise<FixtureServer> => {
  const app = fastify({ forceCloseConnections: true });
  const listeners = new Map<ServerResponse, string | undefined>();
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('content-security-policy', POLICY);
  });
  await app.register(fastifyStatic, { root: [...pageFolders()], decorateReply: false });
  routes(app);
  app.get<{ Querystring: { series?: string } }>('/events', ({ query }, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
    listeners.set(reply.raw, query.series);
    reply.raw.on('close', () => listeners.delete(reply.raw));
  });
  const url = await app.listen({ port, host: '127.0.0.1' });
  return {
    url,
    port: Number(new URL(url).port),
    push(type, data) {
      for (const page of listeners.keys())
        page.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      return listeners.size;
    },
    isFollowed: (series) => [...listeners.values()].includes(series),
    async close() {
      for (const page of listeners.keys()) page.destroy();
      await app.close();
    },
  };
};
