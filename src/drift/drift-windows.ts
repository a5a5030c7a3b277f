import { DAY_MS, WEEK_MS } from '../core/duration.ts';
import type { Frequency } from '../core/frequency.ts';

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

/**
 * Ten weeks before the last one within days, 26 before the last four for days; a year before a
 * quarter beyond.
 */
export const driftWindows = (periods: Frequency, horizon: number): DriftWindows => {
  const unit = Math.max(1, Math.round(WEEK_MS / periods.nominalMs));
  const isWithinDays = periods.nominalMs < DAY_MS;
  if (isWithinDays) {
    return {
      step: horizon,
      unit,
      referenceUnits: 10,
      referenceUnitsMin: 2,
      recentUnits: 1,
      season: unit,
    };
  }
  if (periods.nominalMs <= WEEK_MS) {
    const recentUnits = periods.nominalMs < WEEK_MS ? 4 : 13;
    const referenceUnits = periods.nominalMs < WEEK_MS ? 26 : 52;
    const referenceUnitsMin = 2 * recentUnits;
    const season = Math.max(2, unit);
    return { step: horizon, unit, referenceUnits, referenceUnitsMin, recentUnits, season };
  }
  const units = { referenceUnits: 36, referenceUnitsMin: 12, recentUnits: 6 };
  return { step: horizon, unit, ...units, season: 12 };
};

/** Periods that a ring of errors has to hold. */
export const windowPeriods = ({ unit, referenceUnits, recentUnits }: DriftWindows): number =>
  unit * (referenceUnits + recentUnits);
