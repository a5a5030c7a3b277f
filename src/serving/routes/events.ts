import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { EventStreams } from '../event-streams.ts';
import { failureResponse, invalidResponse } from '../failures.ts';
import type { ServingOptions } from '../options.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';
import { streamNamed } from '../stream-names.ts';

const eventsQuery = (idLengthMax: number) =>
  Type.Object(
    {
      series: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: idLengthMax,
          description: 'Also the forecasts and scores of this series.',
        }),
      ),
      stream: Type.Optional(Type.String({ description: 'The stream of that series.' })),
    },
    { additionalProperties: false },
  );

type Query = Static<ReturnType<typeof eventsQuery>>;

const HEADERS = {
  ...SECURITY_HEADERS,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies of the nginx family would hold events back until a buffer is full.
  'x-accel-buffering': 'no',
};

export const eventsRoute = (
  app: FastifyInstance,
  options: ServingOptions,
  clients: EventStreams,
): void => {
  const { streams, feed, logger, limits } = options;
  app.get<{ Querystring: Query }>(
    '/events',
    {
      schema: {
        tags: ['events'],
        summary: 'Events as they come (server-sent); Last-Event-ID goes on where a client was',
        description:
          'Events: model, accuracy, drift, alert, decision, retraining-request, and forecast and ' +
          'score of the series asked for. `hello` gives the id of the present; `reset` says that ' +
          'events are missing in between, so that all is to be asked for again.',
        querystring: eventsQuery(limits.seriesIdBytesMax),
        response: {
          200: {
            description: 'Events, one after the other, until the client goes.',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
          404: failureResponse,
          422: invalidResponse,
          503: failureResponse,
        },
      },
    },
    async (request, reply) => {
      const { series: id, stream } = request.query;
      const isMeant = id !== undefined || stream !== undefined;
      const meant = isMeant ? streamNamed(streams, stream, 'query') : undefined;
      clients.refuseTooMany();
      const header = request.headers['last-event-id'];
      reply.hijack();
      reply.raw.writeHead(200, HEADERS);
      const interest = {
        series: meant === undefined || id === undefined ? undefined : { stream: meant.name, id },
      };
      const lastEventId = typeof header === 'string' && header !== '' ? header : undefined;
      try {
        await clients.add({ feed, interest, streams, lastEventId, to: reply.raw });
      } catch (error) {
        // The answer has begun, so that the client sees no more than its end, and comes back.
        logger.warn('events could not be resumed', { action: 'events-failed', error });
      }
      return reply;
    },
  );
};
