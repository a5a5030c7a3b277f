import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { failureResponse, HttpFailure, invalidResponse } from '../failures.ts';
import type { ServingOptions } from '../options.ts';
import { horizonProblems, levelProblems, predictFromLast, refuse } from '../predict-from-last.ts';
import { forecastResponse, type ForecastResponse } from '../responses.ts';
import { streamNamed } from '../stream-names.ts';

/** An answer takes far less than a millisecond, so that so many at once mean trouble. */
const IN_FLIGHT_MAX = 256;
const RETRY_AFTER_SECONDS = 1;

const bodyOf = (idLengthMax: number) =>
  Type.Object(
    {
      entity_id: Type.String({ minLength: 1, maxLength: idLengthMax, description: 'The series.' }),
      horizon: Type.Optional(
        Type.Integer({
          minimum: 1,
          description:
            'How many periods ahead; when left out 7, or the horizon of the stream where that is ' +
            'less.',
        }),
      ),
      include_intervals: Type.Boolean({ default: true }),
      stream: Type.Optional(Type.String({ description: 'The default stream when left out.' })),
      level: Type.Optional(
        Type.Number({
          exclusiveMinimum: 0,
          exclusiveMaximum: 100,
          description: 'Percent; when left out 95, or the widest that the stream has.',
        }),
      ),
    },
    { additionalProperties: false },
  );

type Body = Static<ReturnType<typeof bodyOf>>;

const answer = async (options: ServingOptions, body: Body): Promise<ForecastResponse> => {
  const { streams, online, clock } = options;
  const { entity_id: id, horizon, include_intervals: withIntervals, level } = body;
  const stream = streamNamed(streams, body.stream, 'body');
  refuse([...horizonProblems(horizon, stream.horizon), ...levelProblems(stream, level)]);
  const series = await online.series(stream.name, id, 0);
  if (series === undefined) {
    throw new HttpFailure(
      { status: 404, code: 'SERIES_UNKNOWN' },
      `${stream.name} has no such series; GET /series?search= finds some`,
    );
  }
  return predictFromLast(series, { stream, horizon, withIntervals, level, nowMs: clock.now() });
};

export const forecastRoute = (app: FastifyInstance, options: ServingOptions): void => {
  const { inFlightMax = IN_FLIGHT_MAX, limits } = options;
  let inFlight = 0;
  app.post<{ Body: Body }>(
    '/forecast',
    {
      schema: {
        tags: ['forecasts'],
        summary: 'The first periods of the last forecast of a series',
        body: bodyOf(limits.seriesIdBytesMax),
        response: {
          200: forecastResponse,
          404: failureResponse,
          422: invalidResponse,
          503: failureResponse,
        },
      },
    },
    async ({ body }) => {
      if (inFlight >= inFlightMax) {
        throw new HttpFailure(
          { status: 503, code: 'OVERLOADED', retryAfter: RETRY_AFTER_SECONDS },
          'too many forecasts are asked for at once: try again',
        );
      }
      inFlight += 1;
      try {
        return await answer(options, body);
      } finally {
        inFlight -= 1;
      }
    },
  );
};
