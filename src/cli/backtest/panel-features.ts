import { holidaysAround } from '../../calendars/calendar.ts';
import { publicHolidays } from '../../calendars/public-holidays.ts';
import { frequencyDefaults } from '../../config/frequency-defaults.ts';
import type { Frequency } from '../../core/frequency.ts';
import { foundSeasons } from '../../evaluation/found-seasons.ts';
import { endOf, startOf, upTo, type Panel, type SeriesHistory } from '../../evaluation/history.ts';
import { backtestOrigins, type BacktestSplit } from '../../evaluation/split.ts';
import { defaultFeatures } from '../../features/default-features.ts';
import { ROLLING_STATISTICS, type FeatureSchema } from '../../schemas/feature-schema.ts';
import { splitOf, type BacktestCall } from './options.ts';

/** Series, with the public holidays of a region around them. */
export const panelOf = (
  series: readonly SeriesHistory[],
  frequency: Frequency,
  region: string | undefined,
): Panel => {
  const rules = region === undefined ? null : publicHolidays(region);
  const start = frequency.startOf(startOf(series));
  return { series, holidays: holidaysAround(rules, start, frequency.startOf(endOf(series))) };
};

/** What a stream of this frequency would see by default. */
export const usualFeatures = (
  frequency: Frequency,
  { holidays }: Panel,
  {
    seasons,
    horizon,
    hasClock,
  }: {
    readonly seasons: readonly number[];
    readonly horizon: number;
    readonly hasClock: boolean;
  },
): FeatureSchema => {
  const { lags, windows, calendar } = frequencyDefaults(frequency);
  return defaultFeatures({
    ...{ frequency: frequency.text, timeZone: frequency.zone.name, seasons, horizon, lags },
    holidays: holidays === null ? null : { region: holidays.region, version: holidays.version },
    rolling: { windows, statistics: ROLLING_STATISTICS },
    calendar: hasClock ? calendar : [],
  });
};

export interface PanelFeatures {
  readonly featureSchema: FeatureSchema;
  readonly split: BacktestSplit;
  /** The first and the last one. */
  readonly origins: readonly [number, number];
}

/**
 * What a stream of this frequency would see by default, with the seasons that the call names or
 * that the series show before the first origin.
 */
export const panelFeatures = (
  call: BacktestCall,
  frequency: Frequency,
  panel: Panel,
): PanelFeatures => {
  const defaults = frequencyDefaults(frequency);
  const horizon = call.horizon ?? call.holdout ?? defaults.horizon;
  const split = splitOf(call, horizon);
  const { series } = panel;
  const origins = backtestOrigins(split, { first: startOf(series), end: endOf(series), horizon });
  const [first] = origins;
  // A series that begins later is not known to exist.
  const known = series.map((one) => upTo(one, first)).filter(({ values }) => values.length > 0);
  const seasons = call.seasons ?? foundSeasons({ series: known, usual: defaults.seasons, horizon });
  const hasClock = call.timeColumn !== undefined;
  const featureSchema = usualFeatures(frequency, panel, { seasons, horizon, hasClock });
  return { featureSchema, split, origins: [first, origins.at(-1) ?? first] };
};

/** `seasons of 24 and 168 periods, found in the data`; undefined where they were named. */
export const seasonsFound = (
  { seasons }: BacktestCall,
  { featureSchema }: PanelFeatures,
): string | undefined => {
  if (seasons !== undefined) return undefined;
  const found = featureSchema.seasons.join(' and ');
  return found === ''
    ? 'no season found in the data: name it with --seasons if there is one'
    : `seasons of ${found} periods, found in the data`;
};
