import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPanel } from '../../../../src/cli/backtest/panel-file.ts';
import { parseFrequency } from '../../../../src/core/frequency.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const DAYS = fileURLToPath(new URL('../../../fixtures/parquet/days.parquet', import.meta.url));

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

it('reads the dates of a Parquet file where it reads those of a CSV file', async () => {
  const columns = { series: 'store', time: 'day', value: 'amount' };
  const csv = await fileWith(
    'store,day,amount\n1.5,2024-03-09,1\n1.5,2024-03-10,2\n1.5,2024-03-11,3\n2,2024-03-12,\n',
  );
  for (const zone of ['America/New_York', 'UTC', 'Asia/Tokyo']) {
    const [parquet, text] = await Promise.all(
      [DAYS, csv].map((file) => readPanel(file, columns, parseFrequency('1d', zone))),
    );
    expect([zone, parquet?.series]).toEqual([zone, text?.series]);
  }
});

describe('a row', () => {
  const columns = { series: 's', time: 't', value: 'v' };

  it.each([
    ['a,20240101,1', '20240101 as epoch milliseconds is 1970-01-01T05:37:20.101Z: write millis'],
    ['a,1704067200,1', 'write milliseconds, not seconds, or a date as ISO 8601'],
    ['a,-86400,1', 'write milliseconds, not seconds'],
    ['a,1704067200000000,1', 'write milliseconds, not microseconds'],
    ['a,1704067200000000000,1', 'neither ISO 8601 nor a whole number of epoch milliseconds'],
    ['a,1704067200000.5,1', 'neither ISO 8601 nor a whole number of epoch milliseconds'],
    ['a,,1', 'the event has no time'],
    [',2024-01-01,1', 'the event names no series'],
    ['\ufffd,2024-01-01,1', 'begins with NUL or is no well-formed Unicode'],
  ])('%j is refused as in a stream', async (row, message) => {
    const read = readPanel(await fileWith(`s,t,v\n${row}\n`), columns, parseFrequency('1d'));
    await expect(read).rejects.toThrow(/row 1: /);
    await expect(read).rejects.toThrow(message);
  });

  it('may be of before 1970, where its stamp says so', async () => {
    const file = await fileWith('s,t,v\na,1949-01-01,1\na,-662515200000,2\n');
    const { series } = await readPanel(file, columns, parseFrequency('1d'));
    expect(series[0]?.values.filter((value) => !Number.isNaN(value))).toEqual(
      Float64Array.of(1, 2),
    );
  });

  it('may have a number for its series', async () => {
    const file = await fileWith('s,t,v\n1.5,2024-01-01,1\n');
    const { series } = await readPanel(file, columns, parseFrequency('1d'));
    expect(series.map(({ seriesId }) => seriesId)).toEqual(['1.5']);
  });
});
