import type { TermDefinition } from './term.ts';

export const lag: TermDefinition<'lag'> = ({ periods }, { row, clock }) => ({
  name: `lag_${periods}`,
  lookback: periods + clock.slack,
  read: () => row.at(clock.before(row.origin + 1, periods)),
});
