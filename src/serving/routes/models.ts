import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { parseInstant } from '../../core/instant.ts';
import type { ModelVersion } from '../../registry/model-fold.ts';
import { failureResponse, HttpFailure, InvalidRequest, invalidResponse } from '../failures.ts';
import type { ServingOptions } from '../options.ts';
import {
  accuracyResponse,
  championResponse,
  modelsResponse,
  type ChampionResponse,
  type ModelsResponse,
} from '../responses.ts';
import { servedAccuracy, servedModelEvent } from '../served-events.ts';
import { streamNamed } from '../stream-names.ts';

const ofStream = Type.Object(
  { stream: Type.Optional(Type.String({ description: 'All streams when left out.' })) },
  { additionalProperties: false },
);

const versionsQuery = Type.Object(
  {
    stream: Type.Optional(Type.String({ description: 'All streams when left out.' })),
    limit: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 100,
      description: 'The last to be trained, beside those that serve or wait in the shadow.',
    }),
  },
  { additionalProperties: false },
);

const championQuery = Type.Object(
  {
    at: Type.Optional(Type.String({ description: 'ISO 8601 or epoch ms; now when left out.' })),
    stream: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

const servedVersion = (version: ModelVersion): ModelsResponse['models'][number] => {
  const { trained, role, events } = version;
  return {
    model: trained.model,
    stream: trained.stream,
    version: trained.version,
    sha256: trained.sha256,
    role,
    trainer: trained.trainer,
    trainedFrom: trained.trainedFrom,
    trainedTo: trained.trainedTo,
    rows: trained.rows,
    events: events.map((event) => servedModelEvent(event, version)),
  };
};

const instantOf = (text: string): number => {
  const at = /^-?\d{1,15}$/.test(text) ? Number(text) : parseInstant(text);
  if (Number.isFinite(at)) return at;
  const msg = 'write a time such as 2001-05-15T00:00:00Z, or epoch milliseconds';
  throw new InvalidRequest([{ loc: ['query', 'at'], msg, type: 'format' }]);
};

const isInUse = ({ role }: ModelVersion): boolean => role === 'champion' || role === 'challenger';

/** Versions are kept for ever: all that are in use, and of the others the last to be trained. */
const latest = (versions: readonly ModelVersion[], limit: number): readonly ModelVersion[] => {
  const others = versions
    .filter((version) => !isInUse(version))
    .sort((one, other) => other.trained.decidedAt - one.trained.decidedAt);
  const kept = new Set(others.slice(0, limit));
  return versions.filter((version) => isInUse(version) || kept.has(version));
};

const championAt = (
  versions: readonly ModelVersion[],
  at: number,
): ChampionResponse['champion'] => {
  for (const version of versions) {
    const tenure = version.tenures.find(({ from, until }) => from <= at && at < until);
    if (tenure === undefined) continue;
    const { version: name, sha256 } = version.trained;
    return { version: name, sha256, event: servedModelEvent(tenure.change, version) };
  }
  return null;
};

const tags = ['models'];

const versionsRoute = (app: FastifyInstance, { online, streams }: ServingOptions): void => {
  app.get<{ Querystring: Static<typeof versionsQuery> }>(
    '/models',
    {
      schema: {
        tags,
        summary: 'Versions with their roles and all that has happened to them',
        querystring: versionsQuery,
        response: { 200: modelsResponse, 404: failureResponse, 422: invalidResponse },
      },
    },
    async ({ query: { stream, limit } }) => {
      const all = await online.models();
      const meant = all.filter(({ trained }) => stream === undefined || trained.stream === stream);
      // A stream that was taken out of the configuration may still have models.
      if (stream !== undefined && meant.length === 0) streamNamed(streams, stream, 'query');
      return { models: latest(meant, limit).map(servedVersion) };
    },
  );
};

const championRoute = (app: FastifyInstance, { online, clock }: ServingOptions): void => {
  app.get<{ Querystring: Static<typeof championQuery>; Params: { readonly name: string } }>(
    '/models/:name/champion',
    {
      schema: {
        tags,
        summary: 'Which version served at a time, and who decided so',
        description:
          'What the gate promotes serves from a period boundary on. What a person promotes or ' +
          'rolls back to serves at once: it counts from when it was decided, by the configured ' +
          'clock. Whatever is decided later wins over what has not begun by then.',
        params: Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) }),
        querystring: championQuery,
        response: { 200: championResponse, 404: failureResponse, 422: invalidResponse },
      },
    },
    async ({ params: { name }, query }) => {
      const at = query.at === undefined ? clock.now() : instantOf(query.at);
      const versions = (await online.models()).filter(({ trained }) => trained.model === name);
      const stream = query.stream ?? versions[0]?.trained.stream;
      const line = versions.filter(({ trained }) => trained.stream === stream);
      if (stream === undefined || line.length === 0) {
        throw new HttpFailure(
          { status: 404, code: 'MODEL_UNKNOWN' },
          'no version of such a model was trained; GET /models lists all',
        );
      }
      return { model: name, stream, at, champion: championAt(line, at) };
    },
  );
};

const accuracyRoute = (app: FastifyInstance, { online, streams }: ServingOptions): void => {
  app.get<{ Querystring: Static<typeof ofStream> }>(
    '/accuracy',
    {
      schema: {
        tags,
        summary: 'The latest accuracy of each model, role and window',
        querystring: ofStream,
        response: { 200: accuracyResponse, 404: failureResponse, 422: invalidResponse },
      },
    },
    async ({ query: { stream } }) => {
      const meant = stream === undefined ? streams : [streamNamed(streams, stream, 'query')];
      const all = await Promise.all(meant.map(({ name }) => online.accuracy(name)));
      return { accuracy: all.flat().map(servedAccuracy) };
    },
  );
};

export const modelRoutes = (app: FastifyInstance, options: ServingOptions): void => {
  versionsRoute(app, options);
  championRoute(app, options);
  accuracyRoute(app, options);
};
