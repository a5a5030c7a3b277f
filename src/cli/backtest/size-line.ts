import type { SeriesHistory } from '../../evaluation/history.ts';

/** A thousand times what the scale of a series that never moved is known by. */
const SIZE_MIN = 1e-6;

/** Whether a series is not 0 throughout, and yet so small that its changes count as none. */
const isTooSmall = ({ values }: SeriesHistory): boolean => {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest > 0 && largest < SIZE_MIN;
};

/** What to do of series in too large a unit; undefined where there is none. */
export const sizeLine = (series: readonly SeriesHistory[]): string | undefined => {
  const [first, ...others] = series.filter(isTooSmall);
  if (first === undefined) return undefined;
  return (
    `the values of ${1 + others.length} of ${series.length} series are below ${SIZE_MIN} ` +
    `(${first.seriesId}${others.length > 0 ? ', …' : ''}), where changes may count as none: ` +
    'choose a smaller unit'
  );
};
