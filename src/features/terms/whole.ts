import type { TermDefinition } from './term.ts';

export const whole: TermDefinition<'whole'> = (_term, { fractions, seasons }) => {
  const greatest = fractions.reader({ length: seasons.window, shift: 0 }, 'max');
  return { name: 'whole', lookback: 0, read: () => (greatest() === 0 ? 1 : 0) };
};
