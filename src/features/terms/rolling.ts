import type { TermDefinition } from './term.ts';

export const rolling: TermDefinition<'rolling'> = ({ window, statistic }, { values }) => ({
  name: `rolling_${statistic}_${window}`,
  lookback: 0,
  read: values.reader({ length: window, shift: 0 }, statistic),
});
