import {
  DAY_MS,
  DurationError,
  HOUR_MS,
  MINUTE_MS,
  SECOND_MS,
  WEEK_MS,
} from '../../core/duration.ts';
import { parseFrequency, type Frequency } from '../../core/frequency.ts';
import { comesTwice, type TimeZone } from '../../core/time-zone.ts';

/** How the rows of a file lie in time, beside the frequency that was said to be theirs. */
export interface Spacing {
  /** Rows that give a period another value, at another time or at the very same. */
  readonly repeated: number;
  readonly sameTime: number;
  /** Rows at the very same time whose local time came again when clocks were set back. */
  readonly twofold: number;
  /** Share of the periods between the first and the last row of a series that have none. */
  readonly missingShare: number;
  /** The usual time between two rows of a series; undefined without times, or with one row each. */
  readonly gapMs: number | undefined;
}

/** The rows of one series in the order of the file. */
export interface TimedRows {
  readonly periods: readonly number[];
  /** Epoch ms; empty when the file has no times. */
  readonly times: readonly number[];
}

const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

const gapsOf = ({ times }: TimedRows): readonly number[] => {
  const ascending = sorted(times);
  const gaps: number[] = [];
  for (let at = 1; at < ascending.length; at += 1) {
    const gap = (ascending[at] ?? 0) - (ascending[at - 1] ?? 0);
    if (gap > 0) gaps.push(gap);
  }
  return gaps;
};

const spanOf = ({ periods }: TimedRows): number => {
  const ascending = sorted(periods);
  return (ascending.at(-1) ?? 0) - (ascending[0] ?? 0) + 1;
};

const twofoldIn = ({ times }: TimedRows, zone: TimeZone): number => {
  const seen = new Set<number>();
  let count = 0;
  for (const timeMs of times) {
    if (seen.has(timeMs) && comesTwice(zone, timeMs)) count += 1;
    seen.add(timeMs);
  }
  return count;
};

export const spacingOf = (series: readonly TimedRows[], zone: TimeZone): Spacing => {
  let [rows, filled, span, distinctTimes, timed, twofold] = [0, 0, 0, 0, 0, 0];
  const gaps: number[] = [];
  for (const one of series) {
    rows += one.periods.length;
    filled += new Set(one.periods).size;
    span += spanOf(one);
    timed += one.times.length;
    distinctTimes += new Set(one.times).size;
    twofold += twofoldIn(one, zone);
    for (const gap of gapsOf(one)) gaps.push(gap);
  }
  return {
    repeated: rows - filled,
    sameTime: timed - distinctTimes,
    twofold,
    missingShare: 1 - filled / Math.max(1, span),
    gapMs: sorted(gaps)[gaps.length >> 1],
  };
};

const UNITS = [
  ['w', WEEK_MS],
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
] as const;

/** `1h`: a length as `--frequency` takes it. */
const lengthOf = (ms: number): string => {
  if (ms >= 28 * DAY_MS && ms <= 31 * DAY_MS) return '1mo';
  const [unit, unitMs] = UNITS.find(([, length]) => ms % length === 0) ?? ['s', SECOND_MS];
  return `${Math.max(1, Math.round(ms / unitMs))}${unit}`;
};

export interface SpacingCall {
  readonly frequency: Frequency;
  /** As the call has it: `1h`. */
  readonly length: string;
  readonly hasSeriesColumn: boolean;
  /** Columns that the call does not name. */
  readonly otherColumns: readonly string[];
}

/** Gaps that differ from the period by less are months, daylight saving and late clocks. */
const GAP_TOLERANCE = 1.5;
const MISSING_SHARE_MAX = 0.5;

const forgottenSeries = ({ hasSeriesColumn, otherColumns }: SpacingCall): string | undefined => {
  if (hasSeriesColumn) return undefined;
  const candidates = otherColumns.length === 0 ? '' : `; columns left: ${otherColumns.join(', ')}`;
  return (
    'several rows have the same time: if the file holds several series, name the column that ' +
    `tells them apart with --series-column${candidates}`
  );
};

/** `write --frequency 1h`, where periods may be that long. */
const advice = (gapMs: number, otherwise: string): string => {
  const length = lengthOf(gapMs);
  try {
    parseFrequency(length);
    return `write --frequency ${length}${otherwise === '' ? '' : `, or ${otherwise}`}`;
  } catch (error) {
    if (error instanceof DurationError) return otherwise === '' ? 'write a longer one' : otherwise;
    throw error;
  }
};

const twofoldLine = (twofold: number): string =>
  `${twofold} rows have a local time that came twice when clocks were set back, and are read as ` +
  'the first: write stamps with their offset, such as 2024-11-03T01:00:00-05:00';

/** What a call seems to have got wrong of its file, with what to write instead. */
export const spacingHints = (spacing: Spacing, call: SpacingCall): readonly string[] => {
  const { repeated, sameTime, twofold, missingShare, gapMs } = spacing;
  const hints: string[] = [];
  if (repeated > 0) hints.push(`${repeated} rows repeat a period: the last one of each counts`);
  if (twofold > 0) hints.push(twofoldLine(twofold));
  const forgotten = sameTime > twofold ? forgottenSeries(call) : undefined;
  if (forgotten !== undefined) hints.push(forgotten);
  if (gapMs === undefined) return hints;
  const periodMs = call.frequency.startOf(1) - call.frequency.startOf(0);
  const looks = `rows lie ${lengthOf(gapMs)} apart, and --frequency says ${call.length}`;
  if (gapMs * GAP_TOLERANCE < periodMs && repeated > sameTime) {
    hints.push(`${looks}: ${advice(gapMs, 'aggregate the file first')}`);
  }
  if (gapMs > periodMs * GAP_TOLERANCE && missingShare > MISSING_SHARE_MAX) {
    const share = `${Math.round(100 * missingShare)} % of periods have no row`;
    hints.push(`${share}: ${looks}: ${advice(gapMs, '')}`);
  }
  return hints;
};
