import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPanel } from '../../../src/cli/backtest/panel-file.ts';
import { parseFrequency } from '../../../src/core/frequency.ts';
import { dayOf, DAYS, fileWith, sales, START } from './backtest/sales.ts';
import { CommandLine } from './command-line.ts';

const COLUMNS = ['--series-column', 'store', '--time-column', 'day', '--value-column', 'amount'];
const DAILY = [...COLUMNS, '--frequency', '1d'];

describe('tidecast backtest', () => {
  it('prints the model beside its naive opponents and writes every forecast', async () => {
    const file = await fileWith(sales());
    const out = `${file}.forecasts.csv`;
    const rolling = ['--horizon', '7', '--origins', '4', '--every', '7', '--levels', '80'];
    const results = await new CommandLine().json(
      ...['backtest', file, ...DAILY, ...rolling, '--forecasts', out],
    );
    const models = results.filter(({ kind }) => kind === 'model');
    expect(models.map(({ model, count }) => [model, count])).toEqual([
      ['average', 56],
      ['naive-7', 56],
      ['slot-mean', 56],
      ['last-value', 56],
    ]);
    const series = results.filter(({ kind }) => kind === 'series');
    expect(series.map(({ seriesId, count }) => [seriesId, count]).toSorted()).toEqual([
      ['a', 28],
      ['b,c', 28],
    ]);
    const candidates = results.filter(({ kind }) => kind === 'candidate');
    expect(candidates.map(({ name }) => name)).toContain('ridge');
    expect(candidates.some(({ weight }) => Number(weight) > 0)).toBe(true);
    expect(candidates.every(({ origins }) => Number(origins) > 9)).toBe(true);
    expect(results).toHaveLength(models.length + series.length + candidates.length);
    const lines = (await readFile(out, 'utf8')).trim().split('\n');
    expect(lines[0]).toBe('series_id,origin,target,step,model,mean,lower_80,upper_80,actual');
    expect(lines).toHaveLength(1 + 2 * 4 * 7);
    const origin = `${dayOf(DAYS - 1 - 28)}T00:00:00Z`;
    const target = `${dayOf(DAYS - 28)}T00:00:00Z`;
    expect(lines[1]).toMatch(new RegExp(`^a,${origin},${target},1,average,`));
    expect(lines.at(-1)).toMatch(new RegExp(`^"b,c",.*,${dayOf(DAYS - 1)}T00:00:00Z,7,average,`));
  });

  it('has one origin before a holdout, and tables for people', async () => {
    const file = await fileWith(sales());
    const { code, out } = await new CommandLine().call(
      'backtest',
      file,
      ...DAILY,
      '--holdout',
      '9',
    );
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^MODEL +N +WAPE +MASE +SMAPE +RMSSE +RMSE +BIAS +SKILL$/);
    expect(out).toMatch(/^average +18 /m);
    expect(out).toMatch(/^INTERVAL +COVERAGE +WIDTH +WINKLER +MSIS +PINBALL\n80% .*\n95% /m);
    expect(out).toMatch(/^WAPE OF STEPS +1-2 +3-4 +5-6 +7-8 +9\naverage .*\n.*\nskill /m);
    expect(out).toMatch(/^WORST 2 OF 2 BY MASE +N +MASE .*\n(a|b,c) +9 .*%\n(a|b,c) +9 /m);
    expect(out).toMatch(/^CANDIDATE +WEIGHT +ERROR HELD BACK +OTHERWISE +COST\nridge .*%\n/m);
    expect(out).toMatch(/^average .*\nHeld back: \d\d origins\.$/m);
    const [, candidates = ''] = out.split('CANDIDATE');
    const shares = [...candidates.matchAll(/ (\S+)%$/gm)].map(([, share]) => Number(share));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it.each([
    [['--holdout', '7', '--origins', '3'], 'give --holdout for one origin, or --origins'],
    [['--horizon', '10001'], 'It must be a whole number from 1 to 10000'],
    [['--holdout', '10001'], 'It must be a whole number from 1 to 10000'],
    [['--origins', '900'], 'ask for fewer origins, closer ones, or a shorter horizon'],
    [
      ['--holdout', '300'],
      'hold out at most 199 periods, which the horizon must fit in, and leave more to learn',
    ],
    [['--levels', '80,120'], 'numbers between 0 and 100, separated by commas'],
    [['--refit', 'never'], 'It must be grown, every, once, or a whole number'],
    [['--origins', '5000000000'], 'ask for fewer origins, closer ones, or a shorter horizon'],
    [['--origins', '100000000'], 'ask for fewer origins, closer ones, or a shorter horizon'],
    [
      ['--holdout', '14', '--horizon', '7'],
      'only 7 of the 14 periods held out would be scored: write --origins 2 --every 7 for all',
    ],
    [['--holdout', '8', '--horizon', '7'], 'write --origins 2 --every 7 for all of them'],
    [['--seasons', '7,28,364'], 'It must have 1 to 2 entries; is [7,28,364]'],
    [['--seasons', '7,x'], 'whole numbers of at least 2'],
    [['--frequency', '7m'], '(FREQUENCY_UNEVEN)'],
    [['--holidays', 'XX'], '(HOLIDAYS_UNKNOWN_REGION)'],
    [['--value-column', 'amuont'], 'has no column "amuont"; its columns: store, day, amount'],
    [['--time-column', 'store'], '"a" is neither ISO 8601 nor a whole number of epoch milli'],
    [['--value-column', 'day'], '"2001-01-01" is no finite number'],
    [['--forecasts', '/dev/null/x'], 'cannot be written: name another with --forecasts'],
    [['--plot', '/dev/null/x'], '/dev/null/x cannot be written: name another with --plot'],
  ])('with %j ends with exit code 2 and what to do', async (args, message) => {
    const outcome = await new CommandLine().call(
      ...['backtest', await fileWith(sales()), ...DAILY, ...args],
    );
    expect(outcome.err).toContain(message);
    expect(outcome.code).toBe(2);
  });

  it.each([
    [['--holidays', 'US'], '--holidays US needs --time-column'],
    [['--time-zone', 'Europe/Berlin'], '--time-zone Europe/Berlin needs --time-column'],
  ])('refuses %j where no clock is known', async (args, message) => {
    const numbered = ['--series-column', 'store', '--value-column', 'amount', '--frequency', '1d'];
    const outcome = await new CommandLine().call(
      ...['backtest', await fileWith(sales()), ...numbered, ...args],
    );
    expect(outcome.err).toContain(message);
    expect(outcome.code).toBe(2);
  });
});

describe('--plot', () => {
  it('is refused before the work, and never in the place of what is read or written', async () => {
    const file = await fileWith(sales());
    const missing = join(file, '..', 'missing', 'x.html');
    for (const [plot, message] of [
      [missing, `${missing} cannot be written: name another with --plot`],
      [file, 'is read or written already'],
      [`${file}.csv`, 'is read or written already'],
    ] as const) {
      const args = [...DAILY, '--forecasts', `${file}.csv`, '--plot', plot];
      const { code, err } = await new CommandLine().call('backtest', file, ...args);
      expect(code).toBe(2);
      expect(err).toContain(message);
      expect(err).not.toContain('origins (');
    }
    expect(await readFile(file, 'utf8')).toBe(sales());
  });

  it('leaves the page of before where a backtest fails', async () => {
    const file = await fileWith(sales());
    const page = `${file}.html`;
    await writeFile(page, 'of before');
    const args = [...DAILY, '--plot', page, '--origins', '900'];
    expect((await new CommandLine().call('backtest', file, ...args)).code).toBe(2);
    expect(await readFile(page, 'utf8')).toBe('of before');
  });
});

describe('readPanel', () => {
  const daily = parseFrequency('1d');

  it('puts values at their periods, and NaN where there is none', async () => {
    const file = await fileWith(
      `s,t,v\na,${dayOf(2)},3\na,${dayOf(0)},1\na,${dayOf(3)},NA\nb,${START + 86_400_000},7\n`,
    );
    const panel = await readPanel(file, { series: 's', time: 't', value: 'v' }, daily);
    const first = daily.periodOf(START);
    expect(panel).toMatchObject({ rows: 4, spacing: { repeated: 0 } });
    expect(panel.series).toEqual([
      { seriesId: 'a', firstPeriod: first, values: Float64Array.of(1, Number.NaN, 3, Number.NaN) },
      { seriesId: 'b', firstPeriod: first + 1, values: Float64Array.of(7) },
    ]);
  });

  it('reads months and years, and all that tables write for what is not known', async () => {
    const columns = { series: undefined, time: 't', value: 'v' };
    const read = async (text: string, frequency: string) =>
      (await readPanel(await fileWith(text), columns, parseFrequency(frequency))).series[0];
    const months = 't,v\n2010-01,1\n2010-02,N/A\n2010-03,-\n2010-04,.5\n';
    const values = Float64Array.of(1, Number.NaN, Number.NaN, 0.5);
    expect(await read(months, '1mo')).toMatchObject({ firstPeriod: 40 * 12, values });
    const years = 't,v\n2010,1\n2011,2\n';
    expect(await read(years, '12mo')).toMatchObject({ values: Float64Array.of(1, 2) });
  });

  it('takes the last of several values of a period', async () => {
    const file = await fileWith(`t,v\n${dayOf(0)},1\n${dayOf(0)}T07:00:00Z,2\n`);
    const panel = await readPanel(file, { series: undefined, time: 't', value: 'v' }, daily);
    expect(panel.spacing).toMatchObject({ repeated: 1, sameTime: 0 });
    expect(panel.series[0]).toMatchObject({ seriesId: 'sales', values: Float64Array.of(2) });
  });

  it('lets series without times end together', async () => {
    const file = await fileWith('s,v\na,1\na,2\na,3\nb,9\n');
    const { series } = await readPanel(file, { series: 's', time: undefined, value: 'v' }, daily);
    expect(series.map(({ firstPeriod, values }) => firstPeriod + values.length)).toEqual([3, 3]);
  });

  it('takes whole numbers of any size as values, and as ids by their digits', async () => {
    const ids = ['12345678901234567890', '12345678901234567891'];
    const file = await fileWith(`s,v\n${ids[0]},1e16\n${ids[1]},-12345678901234567890\n`);
    const columns = { series: 's', time: undefined, value: 'v' };
    const { series } = await readPanel(file, columns, daily);
    expect(series.map(({ seriesId }) => seriesId)).toEqual(ids);
    expect(series.flatMap(({ values }) => [...values])).toEqual([1e16, Number(`-${ids[0]}`)]);
    const huge = readPanel(
      await fileWith('v\n-1.01e200\n'),
      { ...columns, series: undefined },
      daily,
    );
    await expect(huge).rejects.toThrow('-1.01e+200 is larger than 1e+150 in size; choose a larger');
  });

  it('refuses a span that no memory holds', async () => {
    const file = await fileWith(`t,v\n${dayOf(0)},1\n9999-01-01,2\n`);
    const read = readPanel(
      file,
      { series: undefined, time: 't', value: 'v' },
      parseFrequency('1m'),
    );
    await expect(read).rejects.toThrow(/spans \d+ periods: check the time column/);
  });
});
