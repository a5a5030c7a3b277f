import type { TermDefinition } from './term.ts';

export const deviation: TermDefinition<'deviation'> = ({ periods }, { deviations }) => ({
  name: `deviation_${periods}`,
  lookback: 0,
  read: deviations.reader({ length: 1, shift: periods }, 'mean'),
});

export const deviationMean: TermDefinition<'deviation-mean'> = ({ window }, { deviations }) => ({
  name: `deviation_mean_${window}`,
  lookback: 0,
  read: deviations.reader({ length: window, shift: 0 }, 'mean'),
});
