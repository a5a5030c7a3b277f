import type { Calendar } from '../../../calendars/calendar.ts';
import { parseFrequency } from '../../../core/frequency.ts';
import { aggregation, type AggregationKind } from '../../../features/aggregation.ts';
import type { FeatureSchema } from '../../../schemas/feature-schema.ts';
import type { ForecastingShape } from './options.ts';
import { functionsByZone } from './series-functions.ts';

export interface ShapeOptions extends Pick<
  ForecastingShape,
  'features' | 'levels' | 'silence' | 'timeZoneAttribute'
> {
  readonly calendar: Calendar;
  readonly aggregate: AggregationKind;
  readonly forecast: Omit<ForecastingShape['forecast'], 'scoredSteps'> & {
    /** All that are forecast, where it is left out. */
    readonly scoredSteps?: number;
  };
  /** They are, where it is left out. */
  readonly publishesFeatures?: boolean | undefined;
  /** At least so many slots a window; undefined: as many as the features need. */
  readonly ringPeriods: number | undefined;
}

/** Any zone whose clock is changed looks back further than one whose clock is not, by the same. */
const CHANGING_ZONE = 'America/New_York';

/** The least ring: what features and opponents look back on, from the oldest origin scored. */
const ringNeeded = (
  { timeZone, horizon }: FeatureSchema,
  { functions, timeZoneAttribute }: Pick<ForecastingShape, 'functions' | 'timeZoneAttribute'>,
): number => {
  const zones = timeZoneAttribute === undefined ? [timeZone] : [timeZone, CHANGING_ZONE];
  const lookbacks = zones
    .map(functions)
    .flatMap(({ plan, naive }) => [plan.lookback, naive.lookback]);
  return Math.max(...lookbacks) + horizon + 1;
};

/** What a stream computes of its series, from its features and the rules of its forecasts. */
export const forecastingShape = (options: ShapeOptions): ForecastingShape => {
  const { features, calendar, aggregate, ringPeriods, forecast, ...rest } = options;
  const functions = functionsByZone({ schema: features, calendar });
  const needed = ringNeeded(features, { functions, timeZoneAttribute: rest.timeZoneAttribute });
  return {
    ...rest,
    features,
    functions,
    publishesFeatures: rest.publishesFeatures ?? true,
    forecast: { ...forecast, scoredSteps: forecast.scoredSteps ?? features.horizon },
    periods: parseFrequency(features.frequency, features.timeZone),
    aggregation: aggregation(aggregate),
    ringPeriods: Math.max(ringPeriods ?? 0, needed),
  };
};
