import type { TermDefinition } from './term.ts';

export const levelChange: TermDefinition<'level-change'> = (
  { window, base, shift },
  { values },
) => {
  const now = values.reader({ length: window, shift: 0 }, 'mean');
  const before = values.reader({ length: base, shift }, 'mean');
  return {
    name: `level_change_${window}_${base}_${shift}`,
    lookback: 0,
    read: () => now() - before(),
  };
};
