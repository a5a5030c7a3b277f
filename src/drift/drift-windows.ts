import { DAY_MS, WEEK_MS } from '../core/duration.ts';
import type { Frequency } from '../core/frequency.ts';
import { RECENT_MIN } from './shift-test.ts';

const YEAR_MONTHS = 12;

/** Which errors a drift test compares. Spans are periods. */
export interface DriftWindows {
  /** The one step ahead whose errors are tested. */
  readonly step: number;
  /** References are made of whole units, so that each place of a season counts equally often. */
  readonly unit: number;
  readonly referenceUnits: number;
  /** No test before there are so many. */
  readonly referenceUnitsMin: number;
  readonly recentUnits: number;
  /** Autocorrelations of lags below this say how much a value is worth. */
  readonly season: number;
}

type Spans = Omit<DriftWindows, 'step' | 'season' | 'unit'>;

/**
 * Ten weeks before the last one within days, 26 before the last four for days; a year before a
 * quarter beyond.
 */
const spansOf = ({ nominalMs }: Frequency): Spans => {
  if (nominalMs < DAY_MS) return { referenceUnits: 10, referenceUnitsMin: 2, recentUnits: 1 };
  if (nominalMs < WEEK_MS) return { referenceUnits: 26, referenceUnitsMin: 8, recentUnits: 4 };
  return nominalMs === WEEK_MS
    ? { referenceUnits: 52, referenceUnitsMin: 26, recentUnits: 13 }
    : { referenceUnits: 36, referenceUnitsMin: 12, recentUnits: 6 };
};

/**
 * Tested are errors at the last step of which the recent window has independent ones enough:
 * neighbours share the surprises of as many periods as the step is ahead, whatever the season.
 */
export const driftWindows = (periods: Frequency, horizon: number): DriftWindows => {
  const unit = Math.max(1, Math.round(WEEK_MS / periods.nominalMs));
  const spans = spansOf(periods);
  const step = Math.min(horizon, Math.max(1, Math.floor((spans.recentUnits * unit) / RECENT_MIN)));
  const cycle = periods.nominalMs > WEEK_MS ? YEAR_MONTHS : unit;
  return { step, unit, ...spans, season: Math.max(cycle, step + 1) };
};

/** Periods that a ring of errors has to hold. */
export const windowPeriods = ({ unit, referenceUnits, recentUnits }: DriftWindows): number =>
  unit * (referenceUnits + recentUnits);
