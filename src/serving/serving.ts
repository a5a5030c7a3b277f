import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import Type from 'typebox';
import { logAccess } from './access-log.ts';
import { describedRoute } from './described-routes.ts';
import { answerErrors } from './error-handler.ts';
import { ServingError } from './errors.ts';
import { EventStreams } from './event-streams.ts';
import type { ProbedOptions, ServingOptions } from './options.ts';
import { readJsonBodies } from './json-body.ts';
import { eventsRoute } from './routes/events.ts';
import { forecastRoute } from './routes/forecast.ts';
import { modelRoutes } from './routes/models.ts';
import { liveRoutes, probeRoutes } from './routes/probes.ts';
import { seriesRoutes } from './routes/series.ts';
import { statusRoute } from './routes/status.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { requireScope } from './tokens.ts';
import { validateStrictly } from './validation.ts';

const HEARTBEAT_MS = 15_000;
/** A request that is not there by then is none; a slow one must not hold a connection. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A percent-encoded byte has three characters. */
const ENCODED_BYTE = 3;

export interface Serving {
  /** `http://127.0.0.1:8000` */
  readonly address: string;
  close(): Promise<void>;
}

const describeApi = async (app: FastifyInstance, version: string): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'tidecast',
        version,
        description: 'Forecasts, scores and models of configured streams.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url }) => ({ schema: describedRoute(schema), url }),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
};

const metricsRoute = (api: FastifyInstance, { metrics }: ProbedOptions): void => {
  api.get(
    '/metrics',
    {
      schema: {
        tags: ['health'],
        summary: "Metrics in Prometheus' text format",
        response: { 200: { content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
};

const apiRoutes = (options: ServingOptions, clients: EventStreams) => {
  const { http } = options;
  return async (api: FastifyInstance): Promise<void> => {
    // Everything in here needs a token, a route that is added later too.
    api.addHook('onRequest', requireScope(http.tokens, 'read'));
    forecastRoute(api, options);
    seriesRoutes(api, options);
    modelRoutes(api, options);
    statusRoute(api, options);
    eventsRoute(api, options, clients);
    metricsRoute(api, options);
  };
};

const pageRoutes = async (
  app: FastifyInstance,
  assets: ServingOptions['assets'],
): Promise<void> => {
  if (assets?.every((folder) => existsSync(folder))) {
    await app.register(fastifyStatic, { root: [...assets], decorateReply: false });
    return;
  }
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'));
};

/** An address that cannot be decoded reaches no route, and so no error handler. */
const refuseAddress = (
  error: Error,
  id: string,
  reply: Pick<FastifyReply, 'hijack' | 'raw'>,
): void => {
  reply.hijack();
  const headers = { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8' };
  const answer = { detail: error.message, code: 'REQUEST_UNREADABLE', request_id: id };
  reply.raw.writeHead(400, headers).end(JSON.stringify(answer));
};

/** Headers, failures and the access log, the same whatever is served. */
const answerAlike = (app: FastifyInstance, { logger }: ProbedOptions): void => {
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers(SECURITY_HEADERS);
  });
  answerErrors(app, logger);
  logAccess(app, logger);
};

/** The API without an address: what `startServing` listens with. */
export const openServer = async (options: ServingOptions): Promise<FastifyInstance> => {
  const { limits, heartbeatMs = HEARTBEAT_MS, version } = options;
  const app = fastify({
    bodyLimit: limits.httpBodyBytesMax,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: ENCODED_BYTE * limits.seriesIdBytesMax },
    frameworkErrors: (error, { id }, reply) => refuseAddress(error, id, reply),
  });
  const clients = new EventStreams(limits.httpStreamsMax, heartbeatMs);
  app.addHook('preClose', async () => clients.close());
  // Fastify would take plain text too, as one string.
  app.removeContentTypeParser('text/plain');
  readJsonBodies(app);
  validateStrictly(app);
  answerAlike(app, options);
  await describeApi(app, version);
  await app.register(async (probes) => probeRoutes(probes, options));
  await app.register(apiRoutes(options, clients));
  await pageRoutes(app, options.assets);
  await app.ready();
  return app;
};

/** Probes and metrics without an address: what a process without a view serves. */
export const openProbes = async (options: ProbedOptions): Promise<FastifyInstance> => {
  const app = fastify({ requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true });
  answerAlike(app, options);
  await app.register(async (probes) => liveRoutes(probes, options));
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', requireScope(options.http.tokens, 'read'));
    metricsRoute(guarded, options);
  });
  await app.ready();
  return app;
};

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

const refusal = (error: unknown, { host, port }: ServingOptions['http']): unknown => {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    return new ServingError(
      'HTTP_PORT_TAKEN',
      `another process listens on ${host}:${port} already: stop it, or choose another port ` +
        'with http.port (0 takes any free one)',
      error,
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES' || code === 'ENOTFOUND') {
    return new ServingError(
      'HTTP_ADDRESS_UNUSABLE',
      `${host}:${port} cannot be listened on: choose an address of this machine with http.host, ` +
        'and a port from 1024 on with http.port',
      error,
    );
  }
  return error;
};

const listening = async (app: FastifyInstance, http: ServingOptions['http']): Promise<Serving> => {
  try {
    const address = await app.listen({ host: http.host, port: http.port });
    return { address, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw refusal(error, http);
  }
};

/** Opens the API and the dashboard. */
export const startServing = async (options: ServingOptions): Promise<Serving> =>
  listening(await openServer(options), options.http);

/** Opens `/livez`, `/readyz` and `/metrics` alone. */
export const startProbes = async (options: ProbedOptions): Promise<Serving> =>
  listening(await openProbes(options), options.http);
