import type { TermDefinition } from './term.ts';

/** Long windows that a scale looks back on. */
const WINDOWS = 3;
/** Below this a series counts as never having moved. */
const SCALE_MIN = 1e-9;

export const scale: TermDefinition<'scale'> = (_term, { changes, seasons }) => {
  const mean = changes.reader({ length: WINDOWS * seasons.window, shift: 0 }, 'mean');
  return {
    name: 'scale',
    lookback: 0,
    read: () => {
      const value = mean();
      return value <= SCALE_MIN ? 1 : value;
    },
  };
};
