import { expect, it } from 'vitest';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { linearDesign, treeDesign } from '../../../src/models/linear-design.ts';

it.each([
  ['a linear model', linearDesign],
  ['trees', treeDesign],
])('%s reads the season of the year only where a whole one was seen', (_name, design) => {
  const schema = defaultFeatures({
    ...{ frequency: '1h', timeZone: 'UTC', holidays: null, seasons: [24, 168], horizon: 24 },
    ...{ lags: [1], rolling: { windows: [], statistics: [] }, calendar: ['hour', 'month'] },
  });
  const [month, hour] = ['month', 'hour'].map((field) =>
    schema.terms.findIndex((term) => term.kind === 'calendar' && term.field === field),
  );
  const columns = (readsYear: boolean): readonly number[] =>
    design(schema, { readsYear }).scalars.map(({ column }) => column);
  expect(columns(true)).toEqual(expect.arrayContaining([month, hour]));
  expect(columns(false)).toContain(hour);
  expect(columns(false)).not.toContain(month);
});
