import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sizeLine } from '../../../../src/cli/backtest/size-line.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { CommandLine } from '../command-line.ts';

const series = (seriesId: string, ...values: number[]) => ({
  ...{ seriesId, firstPeriod: 0 },
  values: Float64Array.from(values),
});

it('advises a smaller unit for values that are tiny, but not 0', () => {
  const usual = [series('a', 0, Number.NaN), series('b', 1e-6, 1e-10), series('c', Number.NaN)];
  expect(sizeLine(usual)).toBeUndefined();
  expect(sizeLine([...usual, series('d', 0, -9e-7, Number.NaN), series('e', 1e-10)])).toBe(
    'the values of 2 of 5 series are below 0.000001 (d, …), where changes may count as none: ' +
      'choose a smaller unit',
  );
});

it('is said by a backtest', async () => {
  const file = join(await temporaryFolder(), 'tiny.csv');
  const rows = Array.from({ length: 30 }, (_, index) => `${1 + (index % 7)}e-10`);
  await writeFile(file, `v\n${rows.join('\n')}\n`);
  const { err } = await new CommandLine().call(
    ...['backtest', file, '--value-column', 'v', '--frequency', '1d', '--trainer', 'ridge'],
  );
  expect(err).toContain('below 0.000001 (tiny), where changes may count as none: choose a smaller');
});
