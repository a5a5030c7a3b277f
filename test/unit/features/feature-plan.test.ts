import { describe, expect, it } from 'vitest';
import { calendarOf } from '../../../src/calendars/calendar.ts';
import { AssertionFailed } from '../../../src/core/assert.ts';
import { FeatureError } from '../../../src/features/errors.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { naiveOpponents } from '../../../src/features/naive-opponents.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { featureSchemaHash, type FeatureSchema } from '../../../src/schemas/feature-schema.ts';

const hourly = defaultFeatures({
  frequency: '1h',
  timeZone: 'UTC',
  holidays: null,
  seasons: [24, 168],
  horizon: 24,
  lags: [1, 24],
  rolling: { windows: [24], statistics: ['mean', 'std', 'min', 'max'] },
  calendar: ['hour'],
});

const small: FeatureSchema = {
  version: 1,
  frequency: '1h',
  timeZone: 'UTC',
  holidays: null,
  seasons: [2],
  horizon: 2,
  terms: [
    { kind: 'missing-count' },
    { kind: 'lag', periods: 1 },
    { kind: 'lag', periods: 3 },
    { kind: 'profile', profile: { of: 'seasonal', season: 2, from: 1, to: 1, offset: 0 } },
  ],
};

const rowOf = (schema: FeatureSchema, values: readonly number[]): number[] => {
  const plan = compileFeatures(schema);
  const window = ownedWindow(plan.lookback + 1);
  for (const [period, value] of values.entries()) window.append(period, value);
  const row = new Float64Array(plan.width);
  plan.write(window, values.length - 1, row, 0);
  return [...row];
};

describe('a feature plan', () => {
  it('writes scalars, then a column for each step of a profile, and counts what is missing', () => {
    const plan = compileFeatures(small);
    expect(plan.names).toEqual([
      'missing_count',
      'lag_1',
      'lag_3',
      'seasonal_2_1@1',
      'seasonal_2_1@2',
    ]);
    expect([plan.width, plan.scalarWidth, plan.lookback]).toEqual([5, 3, 3]);
    expect(rowOf(small, [1, 2, 3, 4])).toEqual([0, 4, 2, 3, 4]);
    expect(rowOf(small, [1, Number.NaN, 3, 4])).toEqual([1, 4, NaN, 3, 4]);
    expect(rowOf(small, [7])).toEqual([2, 7, NaN, NaN, 7]);
  });

  it('writes nothing outside of its columns', () => {
    const plan = compileFeatures(small);
    const window = ownedWindow(8);
    window.append(0, 5);
    const out = new Float64Array(plan.width + 2).fill(-1);
    plan.write(window, 0, out, 1);
    expect([out[0], out[plan.width + 1]]).toEqual([-1, -1]);
  });

  it('is all missing but for the calendar over an empty window', () => {
    const plan = compileFeatures(hourly);
    const row = new Float64Array(plan.width);
    plan.write(ownedWindow(plan.lookback + 1), 0, row, 0);
    const known = plan.names.filter((_, index) => !Number.isNaN(row[index]));
    const isOfTarget = (name: string): boolean => name.startsWith('target_minuteofday@');
    expect(known.filter((name) => !isOfTarget(name))).toEqual(['hour', 'whole']);
    expect(known.filter(isOfTarget)).toHaveLength(hourly.horizon);
  });

  it('gives a series that never moved the scale 1', () => {
    const { names } = compileFeatures(hourly);
    const row = rowOf(hourly, new Array<number>(1_600).fill(9));
    expect(row[names.indexOf('scale')]).toBe(1);
  });

  it('needs nine long seasons and a ring that holds them', () => {
    const plan = compileFeatures(hourly);
    expect(plan.lookback).toBe(9 * 168);
    expect(() => {
      plan.write(ownedWindow(plan.lookback), 0, new Float64Array(plan.width), 0);
    }).toThrow(AssertionFailed);
  });

  it('keeps its hash for a series in another zone, and changes it with any term', () => {
    const local = compileFeatures(hourly, { timeZone: 'Europe/Berlin' });
    expect(local.schemaHash).toBe(featureSchemaHash(hourly));
    expect(local.lookback).toBeGreaterThan(compileFeatures(hourly).lookback);
    const fewer = { ...hourly, terms: hourly.terms.slice(1) };
    expect(featureSchemaHash(fewer)).not.toBe(featureSchemaHash(hourly));
    const swapped = { ...hourly, terms: [...hourly.terms].reverse() };
    expect(featureSchemaHash(swapped)).not.toBe(featureSchemaHash(hourly));
  });

  it('refuses holidays of another version', () => {
    const dates = { days: Int32Array.of(0), which: Int32Array.of(1) };
    const schema = { ...hourly, holidays: { region: 'US', version: '2' } };
    const calendar = calendarOf({ region: 'US', version: '1', ...dates });
    expect(() => compileFeatures(schema, { calendar })).toThrow(FeatureError);
    expect(() => compileFeatures(schema)).toThrow(FeatureError);
    const same = calendarOf({ region: 'US', version: '2', ...dates });
    expect(compileFeatures(schema, { calendar: same }).width).toBeGreaterThan(0);
  });
});

describe('naive opponents', () => {
  it.each(['UTC', 'America/New_York'])('say of one target what each origin said, in %s', (zone) => {
    const opponents = naiveOpponents({ ...hourly, timeZone: zone, horizon: 30 });
    expect(opponents.names).toEqual(['naive-24', 'naive-168', 'slot-mean']);
    // Ends a week after New York's clocks went forward on 1 April 2001.
    const end = Date.UTC(2001, 3, 8) / 3_600_000;
    const window = ownedWindow(opponents.lookback + 60);
    for (let period = end - 1_000; period < end; period += 1) window.append(period, period % 997);
    for (const target of [end, end - 7 * 24 + 5, end - 7 * 24 + 30]) {
      const said = new Float64Array(30 * 3);
      opponents.writeTarget(window, target, said);
      const all = new Float64Array(30 * 3);
      for (let step = 1; step <= 30; step += 1) {
        opponents.write(window, target - step, all, 0);
        const at = step * 3 - 3;
        expect(said.subarray(at, at + 3)).toEqual(all.subarray(at, at + 3));
      }
      const first = new Float64Array(3);
      opponents.writeTarget(window, target, first);
      expect(first).toEqual(said.subarray(0, 3));
    }
  });

  it('are two where there is no long season', () => {
    const daily = naiveOpponents({ ...hourly, frequency: '1d', seasons: [7], horizon: 7 });
    expect(daily.names).toEqual(['naive-7', 'slot-mean']);
  });
});
