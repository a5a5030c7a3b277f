import { TidecastError } from './errors.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const WEEK_MS = 604_800_000;

/** A span of time: milliseconds, or calendar months, whose length depends on where they begin. */
export type Duration =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'months'; readonly months: number };

/** A duration or a frequency that cannot be read. */
export class DurationError extends TidecastError {
  override readonly name = 'DurationError';
}

const UNITS: Readonly<Record<string, Duration>> = {
  ms: { kind: 'fixed', ms: 1 },
  s: { kind: 'fixed', ms: SECOND_MS },
  m: { kind: 'fixed', ms: MINUTE_MS },
  h: { kind: 'fixed', ms: HOUR_MS },
  d: { kind: 'fixed', ms: DAY_MS },
  w: { kind: 'fixed', ms: WEEK_MS },
  mo: { kind: 'months', months: 1 },
};

const COUNT_MAX = 100_000;

/** Reads `90s 5m 30m 1h 1d 1w 1mo`. */
export const parseDuration = (text: string): Duration => {
  const [, digits, name] = /^([1-9]\d{0,5})(ms|s|m|h|d|w|mo)$/.exec(text.trim()) ?? [];
  const unit = name === undefined ? undefined : UNITS[name];
  const count = Number(digits);
  if (unit === undefined || count > COUNT_MAX) {
    throw new DurationError(
      'DURATION_UNREADABLE',
      `"${text}" is no duration: write a number from 1 to ${COUNT_MAX} and a unit, such as 5m, ` +
        '1h, 1d, 1w or 1mo',
    );
  }
  return unit.kind === 'fixed'
    ? { kind: 'fixed', ms: count * unit.ms }
    : { kind: 'months', months: count * unit.months };
};

/** A duration in milliseconds, where calendar months make no sense (a grace, a timeout). */
export const parseDurationMs = (text: string): number => {
  const duration = parseDuration(text);
  if (duration.kind === 'fixed') return duration.ms;
  throw new DurationError(
    'DURATION_NOT_FIXED',
    `"${text}" has no fixed length: write days or weeks instead of months`,
  );
};
