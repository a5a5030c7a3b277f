import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPanel } from '../../../../src/cli/backtest/panel-file.ts';
import { parseFrequency } from '../../../../src/core/frequency.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const fileWith = async (text: string): Promise<string> => {
  const file = join(await temporaryFolder(), 'sales.csv');
  await writeFile(file, text);
  return file;
};

it('reads what stands in ids as names, and in values and times as numbers', async () => {
  const columns = { series: 's', time: 't', value: 'v' };
  const file = await fileWith(
    's,t,v\n1.0,2010.0,1.50\n1.00,2010,1e3\n12E3,1262304000000.0,+3\n12000,2010-01-01,-0.0\n',
  );
  const { series } = await readPanel(file, columns, parseFrequency('12mo'));
  expect(series.map(({ seriesId }) => seriesId)).toEqual(['1.0', '1.00', '12E3', '12000']);
  expect(series.flatMap(({ values }) => [...values])).toEqual([1.5, 1_000, 3, -0]);
  expect(new Set(series.map(({ firstPeriod }) => firstPeriod)).size).toBe(1);
});
