import { historyNeeded, type SeriesHistory } from './history.ts';
import { seasonStrength, withoutLevel, withoutSeason } from './season-strength.ts';

export interface SeasonSearch {
  /** What may be known: nothing behind the first origin. */
  readonly series: readonly SeriesHistory[];
  /** What the frequency suggests, in periods, ascending: a day and a week for hours. */
  readonly usual: readonly number[];
  readonly horizon: number;
}

/** Series that are looked at, spread over the panel. */
const SERIES_MAX = 100;
/** Values of each, the latest ones: at least so many, or so many of the longest season. */
const VALUES_SEEN = 8_192;
const SEASONS_SEEN = 6;
/** Strength above which a season that the frequency suggests is believed. */
const VISIBLE = 0.02;
/** The same of one that nothing suggests but the data: there are many, and one may look like it. */
const STRIKING = 0.3;
/** Periods, values and repetitions of such a season. */
const STRIKING_MAX = 400;
const STRIKING_VALUES = 2_000;
const STRIKING_REPETITIONS = 6;
/** A season that tells nearly as much as a longer one is the season, the longer its multiple. */
const NEARLY = 0.95;

/**
 * The seasons of a panel, short before long: of those that its frequency suggests the ones that its
 * series show and have lived long enough for; else one that nothing but the data suggests; none
 * where the same slot of other seasons tells nothing.
 */
export const foundSeasons = ({ series, usual, horizon }: SeasonSearch): readonly number[] => {
  const some = spread(series);
  const long = usual.at(-1) ?? 1;
  const seen = some.map((one) => latest(one, Math.max(VALUES_SEEN, SEASONS_SEEN * long)));
  const isLivedFor = (seasons: readonly number[]): boolean => {
    const needed = historyNeeded(seasons) + horizon;
    return 2 * some.filter(({ values }) => values.length >= needed).length >= some.length;
  };
  const [short, second] = usual;
  if (short === undefined) return strikingOf(seen);
  if (second !== undefined && isLivedFor(usual) && besides(seen, short, second) > VISIBLE) {
    return usual;
  }
  // Naive rules that know a strong season are better than a model that does not.
  const needed = isLivedFor([short]) ? VISIBLE : STRIKING;
  return strengthOf(seen, short) > needed ? [short] : strikingOf(seen);
};

const spread = (series: readonly SeriesHistory[]): readonly SeriesHistory[] => {
  const stride = Math.max(1, Math.ceil(series.length / SERIES_MAX));
  return series.filter((_, index) => index % stride === 0);
};

const latest = ({ values }: SeriesHistory, count: number): Float64Array =>
  values.subarray(Math.max(0, values.length - count));

/**
 * Of those that can be compared; NaN for none. A series without the season is none the worse for
 * it, so that what a quarter of a panel shows is seen.
 */
const mean = (strengths: readonly number[]): number => {
  const known = strengths.filter((strength) => !Number.isNaN(strength));
  return known.reduce((sum, strength) => sum + Math.max(0, strength), 0) / known.length;
};

const strengthOf = (seen: readonly Float64Array[], season: number): number =>
  mean(seen.map((values) => seasonStrength(withoutLevel(values, season), season)));

/** How much a long season tells of what a short one leaves. */
const besides = (seen: readonly Float64Array[], short: number, long: number): number =>
  mean(
    seen.map((values) => seasonStrength(withoutSeason(withoutLevel(values, long), short), long)),
  );

const strikingOf = (seen: readonly Float64Array[]): readonly number[] => {
  const tried = seen.map((values) => values.subarray(-STRIKING_VALUES));
  const strengths = new Map<number, number>();
  for (let season = 2; season <= STRIKING_MAX; season += 1) {
    const old = tried.filter(({ length }) => length >= STRIKING_REPETITIONS * season);
    if (2 * old.length < tried.length) break;
    const strength = strengthOf(old, season);
    if (strength > STRIKING) strengths.set(season, strength);
  }
  const greatest = Math.max(...strengths.values());
  for (const [season, strength] of strengths) {
    const isPeak = strength >= (strengths.get(season + 1) ?? 0);
    if (isPeak && strength >= NEARLY * greatest) return [season];
  }
  return [];
};
