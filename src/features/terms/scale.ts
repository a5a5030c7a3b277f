import type { SeasonPair } from '../season-pair.ts';
import type { SeriesWindow } from '../series-window.ts';
import type { TermDefinition } from './term.ts';

/** Long windows that a scale looks back on. */
const WINDOWS = 3;
/** Below this a series counts as never having moved. */
const SCALE_MIN = 1e-9;
/** What its scale is to features: errors in its own unit. */
const STILL = 1;

export const scale: TermDefinition<'scale'> = (_term, { changes, seasons }) => {
  const mean = changes.reader({ length: WINDOWS * seasons.window, shift: 0 }, 'mean');
  return {
    name: 'scale',
    lookback: 0,
    read: () => {
      const value = mean();
      return value <= SCALE_MIN ? STILL : value;
    },
  };
};

/**
 * Whether a scale says that the series never moved, and does not happen to be 1: then it measures
 * no error. Costs a look at each change, but for what did move only until that is seen.
 */
export const isStill = (
  said: number,
  { window, origin }: { readonly window: SeriesWindow; readonly origin: number },
  seasons: SeasonPair,
): boolean => {
  if (said !== STILL) return false;
  const length = WINDOWS * seasons.window;
  let sum = 0;
  for (let period = origin; period > origin - length && sum <= SCALE_MIN * length; period -= 1) {
    const change = Math.abs(window.at(period) - window.at(period - seasons.short));
    if (change > 0) sum += change;
  }
  return sum <= SCALE_MIN * length;
};
