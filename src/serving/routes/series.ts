import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { failureResponse, HttpFailure, invalidResponse } from '../failures.ts';
import type { ServingOptions } from '../options.ts';
import { seriesListResponse, seriesResponse } from '../responses.ts';
import { servedEntry, servedSeries } from '../served-series.ts';
import { streamNamed } from '../stream-names.ts';

const stream = Type.Optional(Type.String({ description: 'The default stream when left out.' }));

const listQuery = Type.Object(
  {
    stream,
    search: Type.String({ default: '', maxLength: 200, description: 'Part of an id, any case.' }),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
    offset: Type.Integer({ minimum: 0, default: 0 }),
  },
  { additionalProperties: false },
);

const seriesQuery = Type.Object(
  {
    stream,
    periods: Type.Integer({
      minimum: 0,
      maximum: 5_000,
      default: 336,
      description: 'How much history at most; a view keeps four weeks, or what memory allows.',
    }),
  },
  { additionalProperties: false },
);

interface Id {
  readonly id: string;
}

export const seriesRoutes = (app: FastifyInstance, options: ServingOptions): void => {
  const { streams, online, clock, limits } = options;
  const tags = ['series'];
  app.get<{ Querystring: Static<typeof listQuery> }>(
    '/series',
    {
      schema: {
        tags,
        summary: 'Series by id, with their running errors',
        querystring: listQuery,
        response: { 200: seriesListResponse, 404: failureResponse, 422: invalidResponse },
      },
    },
    async ({ query }) => {
      const meant = streamNamed(streams, query.stream, 'query');
      const { total, series } = await online.list(meant.name, query);
      const nowMs = clock.now();
      const entries = series.map((one) => servedEntry(one, meant, nowMs));
      return { stream: meant.name, total, series: entries };
    },
  );
  app.get<{ Querystring: Static<typeof seriesQuery>; Params: Id }>(
    '/series/:id',
    {
      schema: {
        tags,
        summary: 'One series: actuals, last forecast, past forecasts, errors',
        params: Type.Object({
          id: Type.String({ minLength: 1, maxLength: limits.seriesIdBytesMax }),
        }),
        querystring: seriesQuery,
        response: { 200: seriesResponse, 404: failureResponse, 422: invalidResponse },
      },
    },
    async ({ params, query }) => {
      const meant = streamNamed(streams, query.stream, 'query');
      const series = await online.series(meant.name, params.id, query.periods);
      if (series === undefined) {
        throw new HttpFailure(
          { status: 404, code: 'SERIES_UNKNOWN' },
          `${meant.name} has no such series; GET /series?search= finds some`,
        );
      }
      return servedSeries(series, meant);
    },
  );
};
