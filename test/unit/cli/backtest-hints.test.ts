import { describe, expect, it } from 'vitest';
import { dayOf, DAYS, fileWith, sales, START } from './backtest/sales.ts';
import { CommandLine } from './command-line.ts';

/** A model that is soon made. */
const PLAIN = ['--trainer', 'ridge'];

describe('a call that does not fit its file', () => {
  const VALUE = ['--time-column', 'day', '--value-column', 'amount'];
  const hourly = (hours: number): string =>
    Array.from({ length: hours }, (_, hour) => {
      const time = new Date(START + hour * 3_600_000).toISOString();
      return `${time},${10 + (hour % 24)}`;
    }).join('\n');
  const call = async (content: string, ...args: string[]) =>
    new CommandLine().call('backtest', await fileWith(content), ...VALUE, ...args);

  it('is told which option names the series, where the same times come again', async () => {
    const { code, err } = await call(sales(), '--frequency', '1d');
    expect(code).toBe(0);
    expect(err).toContain('200 rows repeat a period: the last one of each counts\n');
    expect(err).toContain('apart with --series-column; columns left: store\n');
    expect(err).not.toContain('rows lie');
    const named = await call(sales(), '--frequency', '1d', '--series-column', 'store');
    expect(named.err).not.toMatch(/--series-column|repeat|rows lie/);
  });

  it('is told how far apart rows lie, where many are in one period', async () => {
    const { err } = await call(`day,amount\n${hourly(24 * 40)}\n`, '--frequency', '1d');
    expect(err).toContain('rows lie 1h apart, and --frequency says 1d: write --frequency 1h');
    expect(err).not.toContain('--series-column');
  });

  it('is told no frequency that there is not', async () => {
    const uneven = Array.from({ length: 600 }, (_, index) => {
      const time = new Date(START + index * 1_520_000).toISOString();
      return `${time},1`;
    }).join('\n');
    const { err } = await call(`day,amount\n${uneven}\n`, '--frequency', '1h', '--horizon', '3');
    expect(err).toContain(
      'rows lie 1520s apart, and --frequency says 1h: aggregate the file first\n',
    );
  });

  it('is told how many forecasts were not compared', async () => {
    const lines = sales().trimEnd().split('\n');
    const gappy = lines.filter((line) => !line.startsWith('"a",2001-07-15')).join('\n');
    const args = ['--frequency', '1d', '--series-column', 'store', '--holdout', '9'];
    const { err, out } = await call(gappy, ...args);
    const [, count] = /^average +(\d+) /m.exec(out) ?? [];
    expect(Number(count)).toBeLessThan(18);
    expect(err).toContain(
      `N leaves out ${18 - Number(count)} forecasts of periods without a value`,
    );
    expect((await call(sales(), ...args)).err).not.toContain('N leaves out');
  });

  it('is told how far apart rows lie, where most periods have none', async () => {
    const series = ['--series-column', 'store'];
    const { err } = await call(sales(), ...series, '--frequency', '6h', '--horizon', '4');
    expect(err).toContain(
      '75 % of periods have no row: rows lie 1d apart, and --frequency says 6h',
    );
    const monthly = ['2001-01-01', '2001-02-01', '2001-03-01', '2001-04-01'];
    const lines = monthly.map((day) => `${day},1`).join('\n');
    const months = await call(`day,amount\n${lines}\n`, '--frequency', '1w', '--holdout', '5');
    expect(months.err).toContain('rows lie 1mo apart, and --frequency says 1w');
  });

  it('fails when not one forecast could be scored, and says what to do', async () => {
    const args = ['--series-column', 'store', '--frequency', '1h'];
    const unknown = `"b,c",${dayOf(DAYS - 1)}T20:00:00Z,NA\n`;
    const { code, err } = await call(`${sales()}${unknown}`, ...args, '--holdout', '3');
    expect(code).toBe(1);
    expect(err).toContain('rows lie 1d apart, and --frequency says 1h');
    expect(err).toMatch(
      /no forecast could be scored: .*--frequency fit the file.*\(NOTHING_SCORED\)/,
    );
  });

  it('is told when naive rules stood in for a model', async () => {
    const few = sales().split('\n').slice(0, 13).join('\n');
    const { code, err } = await call(few, '--series-column', 'store', '--frequency', '1d');
    expect(code).toBe(0);
    expect(err).toContain('no model could be fitted: histories before the origin are too short');
  });

  it('is told how many of the forecasts are those of naive rules', async () => {
    const young = sales().split('\n').slice(-16).join('\n').replaceAll('b,c', 'young');
    const args = ['--series-column', 'store', '--frequency', '1d', '--holdout', '7', ...PLAIN];
    const line = '7 of 21 forecasts (33.3%) are those of naive rules';
    const { err } = await call(`${sales()}${young}`, ...args);
    expect(err).toContain(line);
    expect(err).not.toContain('no model could be fitted');
    expect((await call(sales(), ...args)).err).not.toContain('naive rules');
    const { out } = await call(`${sales()}${young}`, ...args, '--json');
    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({ count: 21, ruleCount: 7 });
  });

  it('is told which forecasts have no part in what is scaled', async () => {
    const flat = Array.from({ length: DAYS }, (_, day) => `flat,${dayOf(day)},5`).join('\n');
    const args = ['--series-column', 'store', '--frequency', '1d', '--holdout', '7', ...PLAIN];
    const { err } = await call(`${sales()}${flat}\n`, ...args);
    expect(err).toContain('MASE, RMSSE and MSIS leave out 7 forecasts of series in which no');
    expect((await call(sales(), ...args)).err).not.toContain('leave out');
  });
});
