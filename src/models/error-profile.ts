import { canonicalJson } from '../core/canonical-json.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';
import { ModelError } from './errors.ts';
import { intervalSlots, calibrationBuckets } from './calibration-buckets.ts';

/**
 * How far off a model was on targets that it had not seen, in units of each series' scale: where
 * the intervals of its forecasts begin.
 */
export interface ErrorProfile {
  /** Last step of each bucket. */
  readonly buckets: readonly number[];
  /** Percent, ascending. */
  readonly levels: readonly number[];
  /** Quantiles of |error| / σ: one list a bucket, one number a level. */
  readonly quantiles: readonly (readonly number[])[];
  /** σ, the mean |error|: one list a slot of the target, one number a bucket. */
  readonly sigma: readonly (readonly number[])[];
}

/** Levels that a profile is made with; others lie between them. */
export const PROFILE_LEVELS: readonly number[] = [50, 60, 70, 80, 85, 90, 95, 98, 99, 99.5];

/** Digits of its numbers: they are uncertain by far more. */
const DIGITS = 4;

export const profileText = ({ buckets, levels, quantiles, sigma }: ErrorProfile): string =>
  canonicalJson({ buckets, levels, quantiles: rounded(quantiles), sigma: rounded(sigma) });

const rounded = (rows: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  rows.map((row) => row.map((value) => Number(value.toPrecision(DIGITS))));

/** @throws ModelError unless the text is a profile of a model of such features. */
export const parseProfile = (text: string, schema: FeatureSchema): ErrorProfile => {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    said = undefined;
  }
  const why = isObject(said) ? whyUnusable(said, schema) : 'it is no JSON object';
  if (why === undefined) return said as ErrorProfile;
  throw new ModelError(
    'MODEL_METADATA_UNUSABLE',
    `The model's metadata "tidecast.errors" cannot be used: ${why}; mend it, or leave it out`,
  );
};

type Said = Readonly<Record<string, unknown>>;

const isObject = (said: unknown): said is Said => typeof said === 'object' && said !== null;

const whyUnusable = (
  { buckets, levels, quantiles, sigma }: Said,
  { seasons, horizon }: FeatureSchema,
): string | undefined => {
  const edges = calibrationBuckets(seasons[0] ?? 1, horizon);
  const slots = intervalSlots(seasons);
  if (JSON.stringify(buckets) !== JSON.stringify(edges)) {
    return `"buckets" must be [${edges.join(',')}], the last step of each`;
  }
  if (!isRow(levels) || !isAscending(levels) || (levels.at(-1) ?? 100) >= 100) {
    return '"levels" must be ascending percents below 100';
  }
  if (!isTable(quantiles, edges.length, levels.length) || !quantiles.every(isAscending)) {
    return `"quantiles" must be ${edges.length} ascending lists of ${levels.length} numbers`;
  }
  if (!isTable(sigma, slots, edges.length)) {
    return `"sigma" must be ${slots} lists of ${edges.length} numbers above 0`;
  }
  return undefined;
};

const isRow = (row: unknown): row is readonly number[] =>
  Array.isArray(row) &&
  row.length > 0 &&
  row.every((value) => typeof value === 'number' && Number.isFinite(value) && value > 0);

const isTable = (
  table: unknown,
  rows: number,
  columns: number,
): table is readonly (readonly number[])[] =>
  Array.isArray(table) &&
  table.length === rows &&
  table.every((row) => isRow(row) && row.length === columns);

const isAscending = (row: readonly number[]): boolean =>
  row.every((value, index) => index === 0 || value >= (row[index - 1] ?? 0));

/** Errors that are exponential would have −ln(1 − level) times a constant for quantiles. */
const exponential = (percent: number): number => -Math.log(1 - percent / 100);

/**
 * A quantile at any level: between two that are known linear in −ln(1 − level); in proportion to it
 * outside of them.
 */
export const quantileAt = (
  { levels, quantiles }: Pick<ErrorProfile, 'levels' | 'quantiles'>,
  bucket: number,
  percent: number,
): number => {
  const known = quantiles[bucket] ?? [];
  const at = exponential(percent);
  const above = levels.findIndex((level) => level >= percent);
  const [low, high] = above < 0 ? [levels.length - 1, levels.length - 1] : [above - 1, above];
  const [from, to] = [exponential(levels[low] ?? 0), exponential(levels[high] ?? 0)];
  const [first, last] = [known[low] ?? 0, known[high] ?? 0];
  if (from === to) return (last * at) / to;
  return first + ((last - first) * (at - from)) / (to - from);
};
