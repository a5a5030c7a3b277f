import { describe, expect, it } from 'vitest';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import {
  ComparedRows,
  PAIRS_COMPARED,
  ROWS_COMPARED,
} from '../../../src/retraining/trainers/average/comparison.ts';
import { SampleRows } from '../../../src/retraining/trainers/gbdt/samples.ts';
import { TrainingRows, type RowsInput } from '../../../src/retraining/trainers/training-rows.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';

const HORIZON = 14;

const schemaOf = (frequency: string, season: number, horizon: number): FeatureSchema => ({
  ...defaultFeatures({
    ...{ frequency, timeZone: 'UTC', holidays: null, seasons: [season], horizon, lags: [1] },
    ...{ rolling: { windows: [], statistics: [] }, calendar: [] },
  }),
  // What rows say is of no interest here, and takes time.
  terms: [{ kind: 'scale' }],
});
const daily = schemaOf('1d', 7, HORIZON);
const hourly = schemaOf('1h', 24, 24);

const seriesOf = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => ({
    seriesId: `s${index}`,
    firstPeriod: 0,
    values: Float64Array.from({ length }, (_value, period) => (period % 7) + (index % 5)),
  }));

const inputOf = (featureSchema: FeatureSchema, count: number, periods: number): RowsInput => ({
  ...{ featureSchema, series: seriesOf(count, 50 + periods), holidays: null },
  ...{ fromPeriod: 50, toPeriod: 50 + periods },
});

/** Whose rows there are, and from which origins. */
const visited = (rows: TrainingRows): readonly (readonly [string, number])[] => {
  const found: [string, number][] = [];
  rows.visit(() => found.push([rows.seriesId, rows.origin]));
  return found;
};
const originsOf = (rows: TrainingRows) => new Set(visited(rows).map(([, origin]) => origin));

/** How many targets members are compared on, of how many rows and distinct steps. */
const comparedOf = (input: RowsInput) => {
  const compared = new ComparedRows(input);
  const steps = new Set<number>();
  let [pairs, rows] = [0, 0];
  compared.visit(() => {
    rows += 1;
    for (const [step, actual] of compared.actuals.entries()) {
      if (Number.isNaN(actual)) continue;
      steps.add(step);
      pairs += 1;
    }
  });
  return { pairs, rows, steps: steps.size };
};

describe('origins of training rows', () => {
  it('are many where series are, and as many rows as are counted', () => {
    const rows = new TrainingRows(inputOf(daily, 5_000, 200), ROWS_COMPARED);
    const found = visited(rows);
    expect(found).toHaveLength(rows.count);
    expect(found.length).toBeGreaterThan(0.9 * ROWS_COMPARED);
    expect(found.length).toBeLessThan(1.1 * ROWS_COMPARED);
    // All that there are: 200 targets, less a horizon, and the day before them.
    expect(originsOf(rows).size).toBe(200 - HORIZON + 1);
  });

  it('lie in all hours of the day', () => {
    const rows = new TrainingRows(inputOf(hourly, 5_000, 672), ROWS_COMPARED);
    const hours = new Map<number, number>();
    for (const [, origin] of visited(rows)) {
      hours.set(origin % 24, (hours.get(origin % 24) ?? 0) + 1);
    }
    expect(hours.size).toBe(24);
    expect(Math.min(...hours.values())).toBeGreaterThan(0.8 * (rows.count / 24));
    expect(originsOf(rows).size).toBeGreaterThan(600);
  });

  it('lie in all hours of the week, not each hour on one weekday alone', () => {
    // Every 7th would be enough, and divides the week.
    const week = 168;
    const rows = new TrainingRows(
      inputOf({ ...hourly, seasons: [24, week] }, 20, 26 * week),
      13_000,
    );
    expect(new Set(visited(rows).map(([, origin]) => origin % week)).size).toBe(week);
  });

  it('are many too where a stride leaves periods out, or only a few of them', () => {
    // Every 47th of 187, and every 6th of 62.
    for (const [count, periods] of [
      [1_000, 200],
      [400, 75],
    ] as const) {
      const rows = new TrainingRows(inputOf(daily, count, periods), ROWS_COMPARED);
      expect(originsOf(rows).size).toBe(periods - HORIZON + 1);
      expect(visited(rows)).toHaveLength(rows.count);
    }
  });

  it('do not depend on the order of series', () => {
    const input = inputOf(daily, 1_000, 200);
    const reversed = { ...input, series: [...input.series].reverse() };
    const [one, other] = [input, reversed].map((rows) =>
      visited(new TrainingRows(rows, ROWS_COMPARED)),
    );
    expect([...(other ?? [])].map(String).sort()).toEqual([...(one ?? [])].map(String).sort());
    expect(one?.length).toBeGreaterThan(3_900);
  });

  it('of a lone series go back from the end of its window', () => {
    const rows = new TrainingRows(inputOf(daily, 1, 4_000), 50);
    const last = 4_050 - 1 - HORIZON;
    const found = visited(rows).map(([, origin]) => origin);
    expect(found.at(-1)).toBe(last);
    // Coprime with the week.
    expect(new Set(found.map((origin) => (last - origin) % 80))).toEqual(new Set([0]));
    expect(found).toHaveLength(rows.count);
  });

  it('are shared where they are many and leave no target out', () => {
    const rows = new TrainingRows(inputOf(hourly, 20, 2_000), 5_000);
    const found = visited(rows);
    expect(originsOf(rows).size).toBe(found.length / 20);
    expect(originsOf(rows)).toContain(2_049 - 24);
  });

  it('give as many samples as are enough', () => {
    const samples = new SampleRows(inputOf(daily, 5_000, 200), { enough: 10_000 });
    let count = 0;
    samples.visit(() => (count += 1));
    expect(Math.abs(count / 10_000 - 1)).toBeLessThan(0.05);
  });

  it.each([200, 2_016, 10_000])(
    'are compared at no more steps than can be held, of all: %i',
    (horizon) => {
      const input = inputOf(schemaOf('5m', 288, horizon), 40, horizon + 900);
      const { pairs, rows, steps } = comparedOf(input);
      expect(pairs).toBeLessThan(1.01 * PAIRS_COMPARED);
      expect(pairs).toBeGreaterThan(0.8 * PAIRS_COMPARED);
      expect(steps).toBe(horizon);
      // A few steps of many rows, and up to 200 all of all.
      if (horizon === 200) expect(pairs).toBe(rows * horizon);
      else expect(pairs).toBeLessThan(0.2 * rows * horizon);
    },
  );
});
