import { parseDurationMs } from '../core/duration.ts';
import { parseFrequency } from '../core/frequency.ts';
import { parseInstant } from '../core/instant.ts';
import type { NamedWindow } from '../evaluation/thresholds.ts';
import type { AggregationKind } from '../features/aggregation.ts';
import type { IntervalRule } from '../models/quantile-rules.ts';
import type { TrainerName } from '../retraining/trainer-names.ts';
import type { CalendarField, RollingStatistic } from '../schemas/feature-schema.ts';
import { frequencyDefaults, judgedDaysMax, type FrequencyDefaults } from './frequency-defaults.ts';
import type { RawConfig } from './schema/config-schema.ts';

type RawStream = RawConfig['streams'][string];

export interface SourceConfig {
  readonly topic: string;
  readonly format: 'json' | 'avro';
  /** Paths of fields, with dots. */
  readonly series: string;
  readonly time: string;
  readonly value: string | undefined;
  readonly id: string | undefined;
  /** true: the topic already holds observations keyed by series; there is no ingest. */
  readonly keyed: boolean;
  /** Where stamps without a zone are read. */
  readonly timeZone: string;
  /** Paths of the fields that become attributes, by the attribute's name. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ForecastConfig {
  readonly horizon: number;
  /** Percentages, ascending. */
  readonly levels: readonly number[];
  /** How intervals follow what they covered. */
  readonly intervals: IntervalRule;
  /** A forecast at each so many closed periods. */
  readonly every: number;
  /** Steps that are scored, 1..horizon. */
  readonly scoredSteps: number;
  /** Epoch ms; before it only state, -Infinity when there is no such bound. */
  readonly fromMs: number;
}

export interface FeaturesConfig {
  readonly publish: boolean;
  /** Periods. */
  readonly lags: readonly number[];
  readonly rolling: {
    readonly windows: readonly number[];
    readonly statistics: readonly RollingStatistic[];
  };
  readonly calendar: readonly CalendarField[];
}

export interface MonitoringConfig {
  /** Thresholds; undefined: not watched. */
  readonly mapePercent: number | undefined;
  readonly wapePercent: number | undefined;
  readonly skill: number | undefined;
  readonly stalenessSeconds: number;
  readonly latencyP99Seconds: number;
  readonly errorRate: number;
  readonly groupBy: string | undefined;
  readonly windows: readonly NamedWindow[];
}

export interface RetrainingConfig {
  readonly everyDays: number;
  readonly trainingWindowDays: number;
  readonly judgeDays: number;
  readonly minImprovement: number;
  /** In what errors are compared. */
  readonly loss: 'scaled' | 'absolute';
  readonly coolDownDays: number;
}

export interface BatchRunConfig {
  readonly name: string;
  /** Local time of day, `06:00`. */
  readonly at: string;
  readonly horizon: number;
}

/** One stream with everything decided: defaults of its frequency filled in, durations in ms. */
export interface StreamConfig {
  readonly name: string;
  readonly isDefault: boolean;
  readonly source: SourceConfig;
  /** As written: `1h`; `parseFrequency` reads it with a zone. */
  readonly frequency: string;
  /** Length of a period in ms, nominal for days and longer. */
  readonly periodMs: number;
  readonly timeZone: string | { readonly attribute: string };
  readonly holidays: string | undefined;
  readonly aggregate: AggregationKind;
  readonly graceMs: number;
  readonly maxAheadMs: number;
  readonly idleAfterMs: number;
  readonly staleAfterMs: number;
  readonly deadAfterMs: number;
  /** undefined: as many as the features need. */
  readonly ringPeriods: number | undefined;
  /** Periods, ascending: the short season, then the long one if there is one. */
  readonly seasons: readonly number[];
  readonly forecast: ForecastConfig;
  readonly features: FeaturesConfig;
  readonly model: { readonly name: string; readonly trainer: TrainerName };
  readonly monitoring: MonitoringConfig;
  readonly retraining: RetrainingConfig;
  readonly batch: readonly BatchRunConfig[];
}

const DEFAULT_MAPE_PERCENT = 15;

const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

const lastPart = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

const sourceOf = ({ value, id, attributes, ...rest }: RawStream['source']): SourceConfig => ({
  ...rest,
  value,
  id,
  attributes: Array.isArray(attributes)
    ? Object.fromEntries(attributes.map((path) => [lastPart(path), path]))
    : attributes,
});

const forecastOf = (
  { horizon: wanted, levels, intervals, every, scoredSteps, from }: RawStream['forecast'],
  defaults: FrequencyDefaults,
): ForecastConfig => {
  const horizon = wanted ?? defaults.horizon;
  return {
    horizon,
    levels: ascending(levels),
    intervals,
    every,
    scoredSteps: Math.min(scoredSteps ?? horizon, horizon),
    fromMs: from === undefined ? -Infinity : parseInstant(from),
  };
};

const featuresOf = (
  { publish, lags, rolling, calendar }: RawStream['features'],
  defaults: FrequencyDefaults,
): FeaturesConfig => ({
  publish,
  lags: ascending(lags ?? defaults.lags),
  rolling: {
    windows: ascending(rolling.windows ?? defaults.windows),
    statistics: rolling.statistics,
  },
  calendar: calendar ?? defaults.calendar,
});

/** WAPE and skill weigh each series by its size; MAPE weighs all alike. */
const isWatchedBySize = (watched: {
  readonly wapePercent?: number | undefined;
  readonly skill?: number | undefined;
}): boolean => watched.wapePercent !== undefined || watched.skill !== undefined;

const monitoringOf = (
  { mapePercent, wapePercent, skill, groupBy, windows, ...rest }: RawStream['monitoring'],
  defaults: FrequencyDefaults,
): MonitoringConfig => {
  const isElsewhere = isWatchedBySize({ wapePercent, skill });
  return {
    ...rest,
    mapePercent: mapePercent ?? (isElsewhere ? undefined : DEFAULT_MAPE_PERCENT),
    wapePercent,
    skill,
    groupBy,
    windows: (windows ?? defaults.accuracyWindows).map((text) => ({
      text,
      ms: parseDurationMs(text),
    })),
  };
};

const windowOf = (
  raw: RawStream['retraining'],
  defaults: FrequencyDefaults,
): Pick<RetrainingConfig, 'trainingWindowDays' | 'judgeDays'> => {
  const trainingWindowDays = raw.trainingWindowDays ?? defaults.trainingWindowDays;
  const judgeDays = Math.min(defaults.judgeDays, judgedDaysMax(trainingWindowDays));
  return { trainingWindowDays, judgeDays: raw.judgeDays ?? judgeDays };
};

/** Decides what the file left open for one stream. */
export const streamConfig = (name: string, raw: RawStream): Omit<StreamConfig, 'isDefault'> => {
  const frequency = parseFrequency(raw.frequency);
  const defaults = frequencyDefaults(frequency);
  const forecast = forecastOf(raw.forecast, defaults);
  return {
    name,
    source: sourceOf(raw.source),
    frequency: raw.frequency,
    periodMs: frequency.nominalMs,
    timeZone: raw.timeZone,
    holidays: raw.holidays,
    aggregate: raw.aggregate,
    graceMs: parseDurationMs(raw.grace ?? defaults.grace),
    maxAheadMs: parseDurationMs(raw.maxAhead),
    idleAfterMs: parseDurationMs(raw.idleAfter),
    staleAfterMs: parseDurationMs(raw.staleAfter ?? defaults.staleAfter),
    deadAfterMs: parseDurationMs(raw.deadAfter ?? defaults.deadAfter),
    ringPeriods: raw.ringPeriods,
    seasons: ascending(raw.seasons ?? defaults.seasons),
    forecast,
    features: featuresOf(raw.features, defaults),
    model: { name: raw.model.name ?? name, trainer: raw.model.trainer },
    monitoring: monitoringOf(raw.monitoring, defaults),
    retraining: {
      ...raw.retraining,
      // A challenger is judged by what the stream is watched by.
      loss: raw.retraining.loss ?? (isWatchedBySize(raw.monitoring) ? 'absolute' : 'scaled'),
      ...windowOf(raw.retraining, defaults),
    },
    batch: raw.batch.map(({ horizon, ...run }) => ({
      ...run,
      horizon: horizon ?? forecast.horizon,
    })),
  };
};
