import {
  calendarByYear,
  NO_HOLIDAYS,
  type Calendar,
  type HolidayRules,
} from '../../calendars/calendar.ts';
import { CalendarError } from '../../calendars/errors.ts';
import { publicHolidays } from '../../calendars/public-holidays.ts';
import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/errors.ts';
import type { StreamConfig } from '../../config/stream-config.ts';
import { DAY_MS } from '../../core/duration.ts';
import { historyNeeded } from '../../evaluation/history.ts';
import { defaultFeatures } from '../../features/default-features.ts';
import type { FeatureSchema } from '../../schemas/feature-schema.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import {
  sharedTopics,
  streamTopics,
  type SharedTopic,
  type StreamTopic,
} from '../../schemas/topics.ts';
import type { ForecastingShape } from '../../streams/topologies/forecasting/options.ts';
import { forecastingShape } from '../../streams/topologies/forecasting/shape.ts';

/** What follows from the configuration of one stream, before anything is opened. */
export interface StreamParts {
  readonly stream: StreamConfig;
  readonly features: FeatureSchema;
  readonly holidays: HolidayRules | null;
  readonly shape: ForecastingShape;
  readonly topics: Readonly<Record<StreamTopic | SharedTopic, TopicDefinition>>;
}

/** The zone of the features: a series may have another one by its attribute. */
const zoneOf = ({ timeZone }: StreamConfig): string =>
  typeof timeZone === 'string' ? timeZone : 'UTC';

const featuresOf = (stream: StreamConfig, holidays: HolidayRules | null): FeatureSchema =>
  defaultFeatures({
    frequency: stream.frequency,
    timeZone: zoneOf(stream),
    holidays: holidays === null ? null : { region: holidays.region, version: holidays.version },
    seasons: stream.seasons,
    horizon: stream.forecast.horizon,
    ...stream.features,
  });

const shapeOf = (
  stream: StreamConfig,
  features: FeatureSchema,
  calendar: Calendar,
): ForecastingShape =>
  forecastingShape({
    features,
    calendar,
    aggregate: stream.aggregate,
    levels: stream.forecast.levels,
    publishesFeatures: stream.features.publish,
    forecast: {
      every: stream.forecast.every,
      scoredSteps: stream.forecast.scoredSteps,
      fromMs: stream.forecast.fromMs,
      intervals: stream.forecast.intervals,
      historyNeeded: historyNeeded(stream.seasons),
    },
    silence: { staleAfterMs: stream.staleAfterMs, deadAfterMs: stream.deadAfterMs },
    ringPeriods: stream.ringPeriods,
    timeZoneAttribute: typeof stream.timeZone === 'string' ? undefined : stream.timeZone.attribute,
  });

const holidaysOf = ({ name, holidays }: StreamConfig): HolidayRules | null => {
  if (holidays === undefined) return null;
  try {
    return publicHolidays(holidays);
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    throw new ConfigError(`streams.${name}.holidays: ${error.message}`, error);
  }
};

export const streamParts = (config: Config, stream: StreamConfig): StreamParts => {
  const holidays = holidaysOf(stream);
  const features = featuresOf(stream, holidays);
  const calendar = holidays === null ? NO_HOLIDAYS : calendarByYear(holidays);
  const shape = shapeOf(stream, features, calendar);
  const { topicPrefix: prefix, partitions } = config.kafka;
  const trainingMs = stream.retraining.trainingWindowDays * DAY_MS;
  const naming = {
    prefix,
    partitions,
    historyMs: trainingMs + shape.ringPeriods * stream.periodMs,
  };
  const topics = { ...streamTopics(stream.name, naming), ...sharedTopics(naming) };
  // A source that is keyed by series holds the observations itself.
  const { keyed, topic } = stream.source;
  const observations = keyed ? { ...topics.observations, name: topic } : topics.observations;
  return { stream, features, holidays, shape, topics: { ...topics, observations } };
};
