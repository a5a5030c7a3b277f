import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';

const [SEASON, HORIZON, SLOTS] = [3, 5, 8];

const schemaOf = (lag: number): FeatureSchema => ({
  version: 1,
  frequency: '1d',
  timeZone: 'UTC',
  holidays: null,
  seasons: [SEASON],
  horizon: HORIZON,
  terms: [{ kind: 'profile', profile: { of: 'deviation', lag } }],
});

/** A value minus the mean of the known ones of eight before it, a season apart. */
const deviation = (values: readonly number[], period: number): number => {
  const slots = Array.from({ length: SLOTS }, (_, back) => values[period - SEASON * (back + 1)]);
  const known = slots.filter((value) => value !== undefined && !Number.isNaN(value)) as number[];
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return (values[period] ?? Number.NaN) - mean;
};

describe('a profile of deviations', () => {
  it('has what came so long before each target, from origin to origin, and nothing beyond', () => {
    const value = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.array(value, { minLength: 1, maxLength: 60 }),
        (lag, values) => {
          const plan = compileFeatures(schemaOf(lag));
          const window = ownedWindow(plan.lookback + 1);
          const row = new Float64Array(plan.width);
          for (const [origin, latest] of values.entries()) {
            window.append(origin, latest);
            plan.write(window, origin, row, 0);
            const expected = Array.from({ length: HORIZON }, (_, index) =>
              index < lag ? deviation(values, origin + index + 1 - lag) : Number.NaN,
            );
            // A ninth digit after the point, and NaN equal to NaN.
            const rounded = (all: ArrayLike<number>) =>
              Array.from(all, (one) => Math.round(one * 1e9) + 0);
            expect(rounded(row)).toEqual(rounded(expected));
          }
        },
      ),
    );
  });

  it('looks back a lag and eight slots, and is named by its lag', () => {
    const plan = compileFeatures(schemaOf(4));
    expect(plan.lookback).toBe(3 + SLOTS * SEASON);
    expect(plan.names[0]).toBe('deviation_4@1');
  });
});
