import Type, { type Static, type TSchema } from 'typebox';

// What the API answers, for the OpenAPI document, tests and types. Times are epoch ms, except in
// POST /forecast, whose callers read ISO 8601. A number that is not known is null.

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const epochMs = (description: string) => Type.Number({ description: `${description}, epoch ms.` });
const numberOrNull = nullable(Type.Number());
const json = Type.Record(Type.String(), Type.Unknown());

export const healthResponse = Type.Object({
  status: Type.Enum(['ok', 'starting', 'degraded']),
  model_loaded: Type.Boolean({
    description:
      'Every stream has a champion, a trained model that was promoted. While it is false, naive ' +
      'rules forecast where there is none, and requests are answered all the same.',
  }),
  version: Type.String(),
  streams: Type.Array(Type.String()),
});
export type HealthResponse = Static<typeof healthResponse>;

export const readyResponse = Type.Object({
  ready: Type.Boolean(),
  /** Why not, in words; empty when ready. */
  reasons: Type.Array(Type.String()),
  /** Tasks that are the reason. */
  tasks: Type.Array(
    Type.Object({
      task: Type.String({ description: '`<stream>.<topology>.<partition>`.' }),
      state: Type.String(),
      lagRecords: nullable(Type.Integer({ description: 'Not committed yet; null: not known.' })),
      restoreRemaining: nullable(
        Type.Integer({ description: 'Changelog offsets yet to be read; null: not known.' }),
      ),
    }),
  ),
});
export type ReadyResponse = Static<typeof readyResponse>;

export const forecastResponse = Type.Object({
  entity_id: Type.String(),
  forecasts: Type.Array(Type.Number(), { description: 'One mean a step, step 1 first.' }),
  lower_bound: nullable(Type.Array(Type.Number())),
  upper_bound: nullable(Type.Array(Type.Number())),
  generated_at: Type.String({ description: 'ISO 8601.' }),
  model_version: Type.String(),
  targets: Type.Array(Type.String(), { description: 'ISO 8601, the start of each period.' }),
  level: nullable(Type.Number({ description: 'Percent; null without intervals.' })),
  forecast_id: Type.String(),
  origin: Type.String({ description: 'ISO 8601, the last period that it may know.' }),
  as_of: Type.String({ description: 'ISO 8601, the end of what it may know.' }),
  stale: Type.Boolean(),
  cached: Type.Boolean({ description: 'true: answered from the last forecast of the stream.' }),
  strategy: Type.String(),
});
export type ForecastResponse = Static<typeof forecastResponse>;

const intervals = Type.Array(
  Type.Object({
    /** Percent. */
    level: Type.Number(),
    lower: Type.Array(numberOrNull),
    upper: Type.Array(numberOrNull),
  }),
);

const seriesState = Type.Enum(['fresh', 'late', 'stale', 'dead']);

export const seriesListResponse = Type.Object({
  stream: Type.String(),
  /** How many match, whatever the limit. */
  total: Type.Integer(),
  series: Type.Array(
    Type.Object({
      id: Type.String(),
      state: seriesState,
      origin: nullable(epochMs('Of the last forecast')),
      /** Whether its last forecast is. */
      stale: Type.Boolean(),
      /** Shares (0.12 is 12 %) over the last seven days. */
      wape: numberOrNull,
      /** Of the best naive opponent. */
      naiveWape: numberOrNull,
      /** 1 − wape / naiveWape. */
      skill: numberOrNull,
      /** Scored (target, step) pairs. */
      count: Type.Integer(),
    }),
  ),
});
export type SeriesListResponse = Static<typeof seriesListResponse>;

export const lastForecast = Type.Object({
  forecastId: Type.String(),
  origin: epochMs('Start of the last period that it may know'),
  generatedAt: epochMs('When it was made'),
  model: Type.Object({
    name: Type.String(),
    version: Type.String(),
    sha256: Type.String(),
    role: Type.String(),
  }),
  strategy: Type.String(),
  targets: Type.Array(Type.Number()),
  mean: Type.Array(numberOrNull),
  intervals,
});
export type LastForecast = Static<typeof lastForecast>;

export const seriesResponse = Type.Object({
  id: Type.String(),
  stream: Type.String(),
  frequency: Type.String(),
  horizon: Type.Integer(),
  levels: Type.Array(Type.Number()),
  state: seriesState,
  /** Ascending; a period without an actual is left out. */
  actuals: Type.Object({
    times: Type.Array(Type.Number()),
    values: Type.Array(numberOrNull),
  }),
  forecast: nullable(lastForecast),
  /** What was forecast one step ahead for the same times as `actuals`; null where nothing was. */
  past: Type.Object({
    step: Type.Literal(1),
    times: Type.Array(Type.Number()),
    mean: Type.Array(numberOrNull),
    intervals,
  }),
  error: Type.Object({
    window: Type.Literal('7d'),
    count: Type.Integer(),
    /** Share. */
    wape: numberOrNull,
    mase: numberOrNull,
    /** Σ(forecast − actual) / Σ|actual|: positive where forecasts are too high. */
    bias: numberOrNull,
    /** Against the best of `naive`. */
    skill: numberOrNull,
    /** WAPE of each naive opponent, by name. */
    naive: Type.Record(Type.String(), numberOrNull),
    coverage: Type.Array(Type.Object({ level: Type.Number(), share: numberOrNull })),
  }),
});
export type SeriesResponse = Static<typeof seriesResponse>;

const servedModelEvent = Type.Object({
  type: Type.String({ description: 'ModelTrained, ModelPromoted, ModelRejected, …' }),
  decidedAt: epochMs('By the configured clock'),
  actor: Type.String(),
  reason: Type.String(),
  requestId: Type.String(),
  /** The numbers behind it; null when there are none. */
  gate: Type.Unknown(),
  /** true: it named another champion than the one that served, and changed nothing. */
  voided: Type.Boolean(),
});
export type ServedModelEvent = Static<typeof servedModelEvent>;

export const modelsResponse = Type.Object({
  models: Type.Array(
    Type.Object({
      model: Type.String(),
      stream: Type.String(),
      version: Type.String(),
      sha256: Type.String(),
      role: Type.Union([
        Type.Literal('champion'),
        Type.Literal('challenger'),
        Type.Literal('former champion'),
        Type.Literal('rejected'),
        Type.Literal('archived'),
      ]),
      trainer: Type.String(),
      trainedFrom: epochMs('Start of the training window'),
      trainedTo: epochMs('End of the training window'),
      rows: Type.Integer(),
      /** Oldest first. */
      events: Type.Array(servedModelEvent),
    }),
  ),
});
export type ModelsResponse = Static<typeof modelsResponse>;

export const championResponse = Type.Object({
  model: Type.String(),
  stream: Type.String(),
  at: epochMs('The instant asked about'),
  champion: nullable(
    Type.Object({ version: Type.String(), sha256: Type.String(), event: servedModelEvent }),
  ),
});
export type ChampionResponse = Static<typeof championResponse>;

export const accuracyEntry = Type.Object({
  stream: Type.String(),
  model: Type.String(),
  role: Type.Union([Type.Literal('champion'), Type.Literal('shadow'), Type.Literal('fallback')]),
  version: Type.String(),
  window: Type.Object({
    kind: Type.String({ description: '1d, 7d, 28d.' }),
    start: Type.Number(),
    end: Type.Number(),
    count: Type.Integer(),
  }),
  metrics: Type.Record(Type.String(), numberOrNull),
});
export type AccuracyEntry = Static<typeof accuracyEntry>;

export const accuracyResponse = Type.Object({ accuracy: Type.Array(accuracyEntry) });
export type AccuracyResponse = Static<typeof accuracyResponse>;

/** What is worth a line for people; `record` is the record of its topic, JSON texts parsed. */
export const notableEvent = Type.Object({
  /** Topic, partition and offset: unique. */
  id: Type.String(),
  type: Type.Union([
    Type.Literal('model'),
    Type.Literal('drift'),
    Type.Literal('alert'),
    Type.Literal('decision'),
    Type.Literal('retraining-request'),
  ]),
  /** By the clock of the log, or of the decision where the record says it. */
  at: epochMs('When'),
  stream: Type.String(),
  record: json,
});
export type ServedEvent = Static<typeof notableEvent>;

export const taskResponse = Type.Object({
  topology: Type.String(),
  stream: Type.String(),
  partition: Type.Integer(),
  state: Type.String({ description: 'RESTORING, RUNNING, BACKING_OFF, HALTED or CLOSED.' }),
  commits: Type.Integer(),
  watermark: nullable(epochMs('Event time up to which it is complete')),
  stateBytes: Type.Number(),
  lagRecords: nullable(Type.Integer({ description: 'Records that it has not committed yet' })),
  error: nullable(Type.String()),
});
export type TaskResponse = Static<typeof taskResponse>;

export const statusResponse = Type.Object({
  version: Type.String(),
  now: epochMs('The configured clock'),
  /** Seconds of that clock in one real second. */
  speed: Type.Number(),
  streams: Type.Array(
    Type.Object({
      name: Type.String(),
      isDefault: Type.Boolean(),
      frequency: Type.String(),
      horizon: Type.Integer(),
      levels: Type.Array(Type.Number()),
      accuracyWindow: Type.String({ description: 'That decisions are made on, such as `7d`.' }),
      timeZone: Type.String(),
      seriesCount: Type.Integer(),
      deadCount: Type.Integer(),
      watermark: nullable(epochMs('The least of its tasks')),
      champion: nullable(Type.Object({ model: Type.String(), version: Type.String() })),
      /** Of the series that are not dead, the share that is not stale; null without any. */
      freshShare: numberOrNull,
    }),
  ),
  tasks: Type.Array(taskResponse),
  /** Latest first, at most 200. */
  events: Type.Array(notableEvent),
});
export type StatusResponse = Static<typeof statusResponse>;

// Data of GET /events, by the event's name: model, drift, alert, decision and retraining-request
// carry a `ServedEvent`, accuracy an `AccuracyEntry`; with ?series=ID, forecast and score these.

export const forecastEvent = Type.Object({
  stream: Type.String(),
  seriesId: Type.String(),
  forecast: lastForecast,
});
export type ForecastEvent = Static<typeof forecastEvent>;

export const scoreEvent = Type.Object({
  stream: Type.String(),
  seriesId: Type.String(),
  target: epochMs('Start of the period scored'),
  actual: Type.Number(),
  /** More than 0: a correction of what was said before of this target. */
  revision: Type.Integer(),
  /** The one-step-ahead forecast of this target; null when there was none. */
  past: nullable(
    Type.Object({
      mean: Type.Number(),
      intervals: Type.Array(
        Type.Object({ level: Type.Number(), lower: numberOrNull, upper: numberOrNull }),
      ),
    }),
  ),
});
export type ScoreEvent = Static<typeof scoreEvent>;
