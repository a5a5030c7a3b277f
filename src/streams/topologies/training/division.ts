import { DAY_MS } from '../../../core/duration.ts';
import type { Frequency } from '../../../core/frequency.ts';
import { historyNeeded, type SeriesHistory } from '../../../evaluation/history.ts';
import { judgingSlice, type JudgingSlice } from '../../../retraining/judge.ts';
import { ROWS_MIN } from '../../../retraining/rows-min.ts';
import type { FeatureSchema } from '../../../schemas/feature-schema.ts';
import type { RetrainingRequest } from '../../../schemas/retraining-request.ts';

export interface DivisionOptions {
  readonly periods: Frequency;
  /** Of the stream as it is configured now. */
  readonly featureSchema: FeatureSchema;
  readonly policy: { readonly judgeDays: number };
}

/** How the window of a request is divided, in periods. */
export interface Division extends JudgingSlice {
  readonly fitFrom: number;
  /** What the judge is asked to have, if the window has it. */
  readonly judged: number;
}

export const divided = (
  { periods, featureSchema, policy }: DivisionOptions,
  { trainingWindow: { start, end } }: Pick<RetrainingRequest, 'trainingWindow'>,
): Division => {
  const judged = Math.floor((policy.judgeDays * DAY_MS) / periods.nominalMs);
  const fitFrom = periods.periodOf(start);
  const span = { fromPeriod: fitFrom, toPeriod: periods.periodOf(end) };
  return { ...judgingSlice(featureSchema, span, judged), fitFrom, judged };
};

/** What a training of these series takes when so many periods are the window. */
interface Needs {
  /** Periods of the window that are judged. */
  readonly judged: number;
  /** Periods that the window must have, and those that a series must have before its end. */
  readonly window: number;
  readonly history: number;
}

const needsOf = (
  { periods, featureSchema, policy }: DivisionOptions,
  windowPeriods: number,
  seriesCount: number,
): Needs => {
  const { horizon, seasons } = featureSchema;
  const asked = Math.floor((policy.judgeDays * DAY_MS) / periods.nominalMs);
  const { from } = judgingSlice(featureSchema, { fromPeriod: 0, toPeriod: windowPeriods }, asked);
  const judged = windowPeriods - from;
  // An origin has its targets before the embargo, which is a horizon long too.
  const window = Math.ceil(ROWS_MIN / Math.max(1, seriesCount)) + 2 * horizon + judged;
  return { judged, window, history: window + historyNeeded(seasons) };
};

/** What would do where a window had too little to learn from, in words; empty: nobody knows. */
export const whatWouldDo = (
  options: DivisionOptions,
  request: Pick<RetrainingRequest, 'trainingWindow'>,
  series: readonly SeriesHistory[],
): string => {
  const { periods } = options;
  const { fitFrom, to } = divided(options, request);
  const daysOf = (count: number): number =>
    Math.ceil((periods.startOf(to) - periods.startOf(to - count)) / DAY_MS);
  const longest = Math.max(0, ...series.map(({ firstPeriod }) => to - firstPeriod));
  const needs = needsOf(options, to - fitFrom, series.length);
  if (longest < needs.history) {
    const shorter = needsOf(options, longest, series.length);
    const setting = `a shorter window of ${daysOf(longest)} days, of which less is judged`;
    return (
      `; of this window the last ${needs.judged} periods are judged, so that a history of ` +
      `${needs.history} periods (${daysOf(needs.history)} days) would do, where the longest ` +
      `series has ${longest}${shorter.history <= longest ? `, or ${setting}` : ''}`
    );
  }
  if (to - fitFrom >= needs.window) return '';
  let window = to - fitFrom;
  while (window < needsOf(options, window, series.length).window) window += 1;
  return `; a training window of ${daysOf(window)} days would do`;
};
