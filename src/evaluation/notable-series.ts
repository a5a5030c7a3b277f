import type { SeriesResult } from './series-ledger.ts';

/** As many as a person looks at one by one. */
const WORST_MAX = 6;
const MEDIAN_MAX = 3;
const BEST_MAX = 3;

export interface NotableSeries extends SeriesResult {
  /** Among all that have a pair, 1 is the worst. */
  readonly rank: number;
  readonly group: 'worst' | 'median' | 'best';
}

/** A few series that stand for all: the worst, those in the middle and the best; worst first. */
export const notableSeries = (worstFirst: readonly SeriesResult[]): readonly NotableSeries[] => {
  const scored = worstFirst.filter(({ mase }) => mase !== null);
  const ranked = scored.length > 0 ? scored : worstFirst.filter(({ count }) => count > 0);
  const { length } = ranked;
  // Of few series, all are shown: those in the middle are those that are left.
  const middle = Math.max(WORST_MAX, Math.floor((length - MEDIAN_MAX) / 2));
  const groupOf = (index: number): NotableSeries['group'] | undefined => {
    if (index < WORST_MAX) return 'worst';
    if (index >= length - BEST_MAX) return 'best';
    return index >= middle && index < middle + MEDIAN_MAX ? 'median' : undefined;
  };
  return ranked.flatMap((one, index) => {
    const group = groupOf(index);
    return group === undefined ? [] : [{ ...one, rank: index + 1, group }];
  });
};
