import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom, type SeededRandom } from '../../../src/core/random.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

interface ShapeInput {
  readonly at: number;
  readonly length: number;
  readonly season: number;
  readonly random: SeededRandom;
  readonly before: number;
}
type Shape = (input: ShapeInput) => number;

const usual: Shape = ({ at, season, random }) =>
  100 + 30 * Math.sin((2 * Math.PI * at) / season) + 5 * random.normal();
const [NONE, isLast] = [Number.NaN, (at: number, length: number, n: number) => at >= length - n];

/** What series come as; NaN is a period without a row. */
const SHAPES: Readonly<Record<string, Shape>> = {
  usual,
  constant: () => 0.1,
  zero: () => 0,
  counts: (input) => Math.round(usual(input) / 20),
  intermittent: ({ random }) => (random.next() < 0.1 ? 1 + random.int(5) : 0),
  negative: (input) => -usual(input),
  signed: (input) => usual(input) - 100,
  walk: ({ random, before }) => (before === 0 ? 100 : before) + random.normal(),
  trend: (input) => usual(input) + 3 * input.at,
  tiny: (input) => 1e-6 * usual(input),
  huge: (input) => 1e12 * usual(input),
  shifted: (input) => usual(input) * (isLast(input.at, input.length, 2 * input.season) ? 5 : 1),
  late: (input) => (isLast(input.at, input.length, 3 * input.season) ? usual(input) : NONE),
  newborn: (input) => (isLast(input.at, input.length, input.season + 1) ? usual(input) : NONE),
  gappy: (input) => (input.random.next() < 0.4 ? NONE : usual(input)),
  sparse: (input) => (input.random.next() < 0.9 ? NONE : usual(input)),
  weekdays: (input) => (input.at % input.season >= input.season - 2 ? NONE : usual(input)),
  silent: (input) =>
    isLast(input.at, input.length, 3 * input.season) &&
    !isLast(input.at, input.length, input.season)
      ? NONE
      : usual(input),
  outlier: (input) => usual(input) * (input.random.next() < 0.01 ? 100 : 1),
};

interface Panel {
  readonly frequency: string;
  readonly stepMs: number;
  readonly season: number;
  readonly length: number;
  readonly horizon: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const csvOf = ({ stepMs, season, length, frequency }: Panel): string => {
  const lines = ['id,t,y'];
  for (const [name, shape] of Object.entries(SHAPES)) {
    const random = seededRandom(name);
    let before = 0;
    for (let at = 0; at < length; at += 1) {
      const value = shape({ at, length, season, random, before });
      if (Number.isNaN(value)) continue;
      before = value;
      const start =
        Date.UTC(2020, frequency === '1mo' ? at : 0, 1) + (stepMs > 0 ? at * stepMs : 0);
      lines.push(`${name},${new Date(start).toISOString()},${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
};

interface Said {
  readonly model: string;
  readonly means: readonly number[];
  readonly bounds: readonly number[];
}

const saidOf = (text: string): ReadonlyMap<string, Said> => {
  const said = new Map<string, { model: string; means: number[]; bounds: number[] }>();
  for (const line of text.trim().split('\n').slice(1)) {
    const [id = '', , , , model = '', mean = '', ...others] = line.split(',');
    const entry = said.get(id) ?? { model, means: [], bounds: [] };
    said.set(id, entry);
    // An empty cell is no number.
    entry.means.push(mean === '' ? Number.NaN : Number(mean));
    entry.bounds.push(
      ...others.slice(0, 4).map((cell) => (cell === '' ? Number.NaN : Number(cell))),
    );
  }
  return said;
};

describe('a panel of all shapes', { timeout: 120_000 }, () => {
  it.each<Panel>([
    { frequency: '1d', stepMs: DAY_MS, season: 7, length: 120, horizon: 14 },
    { frequency: '1d', stepMs: DAY_MS, season: 7, length: 60, horizon: 7 },
    { frequency: '1h', stepMs: HOUR_MS, season: 24, length: 700, horizon: 24 },
    { frequency: '5m', stepMs: HOUR_MS / 12, season: 288, length: 1_500, horizon: 36 },
    { frequency: '1w', stepMs: 7 * DAY_MS, season: 52, length: 160, horizon: 8 },
    { frequency: '1mo', stepMs: 0, season: 12, length: 60, horizon: 12 },
  ])('is forecast whole: $frequency × $length', async (panel) => {
    const file = join(await temporaryFolder(), 'panel.csv');
    await writeFile(file, csvOf(panel));
    const { code, err } = await new CommandLine().call(
      ...['backtest', file, '--series-column', 'id', '--time-column', 't', '--value-column', 'y'],
      ...['--frequency', panel.frequency, '--horizon', String(panel.horizon)],
      ...['--trainer', 'ridge', '--forecasts', `${file}.out`],
    );
    expect(code, err).toBe(0);
    const said = saidOf(await readFile(`${file}.out`, 'utf8'));
    for (const [name, { means, bounds, model }] of said) {
      expect([name, means.length]).toEqual([name, panel.horizon]);
      const all = [...means, ...bounds];
      expect(all.every(Number.isFinite), `${name} by ${model}: ${all.join()}`).toBe(true);
    }
    for (const name of Object.keys(SHAPES)) {
      expect(said.has(name) || err.includes(name), `${name}: ${err}`).toBe(true);
    }
    const around = (name: string, low: number, high: number): void => {
      const means = said.get(name)?.means ?? [];
      expect(Math.min(...means), name).toBeGreaterThan(low);
      expect(Math.max(...means), name).toBeLessThan(high);
    };
    // What a slot never had, and what a gap has hidden, lies where the series does.
    for (const name of ['usual', 'gappy', 'sparse', 'weekdays', 'silent', 'late']) {
      around(name, 40, 170);
    }
    around('negative', -170, -40);
    around('huge', 4e13, 1.7e14);
    around('tiny', 4e-5, 1.7e-4);
    expect(new Set(said.get('constant')?.means)).toEqual(new Set([0.1]));
    expect(new Set(said.get('zero')?.means)).toEqual(new Set([0]));
    expect(said.get('counts')?.means.every(Number.isInteger)).toBe(true);
  });

  it('says which series it has nothing to forecast from', async () => {
    const rows = ['id,t,y'];
    for (let day = 0; day < 60; day += 1) {
      const time = new Date(Date.UTC(2020, 0, 1) + day * DAY_MS).toISOString();
      rows.push(`full,${time},${day % 7}`, `empty,${time},${day < 55 ? 'NA' : 1}`);
      if (day < 40) rows.push(`ended,${time},1`);
      if (day >= 57) rows.push(`unborn,${time},1`);
    }
    const file = join(await temporaryFolder(), 'panel.csv');
    await writeFile(file, `${rows.join('\n')}\n`);
    const { code, err } = await new CommandLine().call(
      ...['backtest', file, '--series-column', 'id', '--time-column', 't', '--value-column', 'y'],
      ...['--frequency', '1d', '--horizon', '7', '--trainer', 'ridge'],
    );
    expect(code).toBe(0);
    expect(err).toContain('3 of 4 series have no forecast: ');
    expect(err).toContain('1 ended before the first origin (ended)');
    expect(err).toContain('1 begin behind the last one (unborn)');
    expect(err).toContain('1 have no value before an origin (empty)');
  });
});
