import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { differencesOf } from '../../../src/models/differences.ts';
import { linearDesign } from '../../../src/models/linear-design.ts';
import { LinearInputs, linearMeans, NONE } from '../../../src/models/linear-model.ts';
import { unrolled } from '../../../src/models/step-recursion.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';

const schemaOf = (seasons: readonly number[], horizon: number): FeatureSchema =>
  defaultFeatures({
    ...{ frequency: '1d', timeZone: 'UTC', holidays: null, seasons, horizon },
    ...{ lags: [1, 2], rolling: { windows: [], statistics: [] }, calendar: [] },
  });

const differencesFor = (schema: FeatureSchema) => {
  const found = differencesOf(schema, linearDesign(schema));
  if (found === undefined) throw new Error('the features have too few of the latest values');
  return found;
};

describe('a recursion of differences', () => {
  it('reads a season and one more, and the same a season before', () => {
    expect(differencesFor(schemaOf([7], 14)).lags).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 14, 15]);
    expect(differencesFor(schemaOf([], 3)).lags).toEqual([1, 2, 3]);
  });

  it('is none where rows do not have so many of the latest values', () => {
    const long = schemaOf([24, 168], 24);
    expect(differencesOf(long, linearDesign(long))).toBeUndefined();
    const far = schemaOf([52], 8);
    expect(differencesOf(far, linearDesign(far))).toBeUndefined();
  });

  it.each([
    [[7], 14],
    [[3], 2],
    [[], 4],
  ])('says in one go what it says step by step: seasons %j, %i steps', (seasons, horizon) => {
    const schema = schemaOf(seasons, horizon);
    const { design, ...found } = differencesFor(schema);
    const unbounded = { ...found, design: { ...design, least: NONE, greatest: NONE } };
    const [plan, random] = [compileFeatures(schema), seededRandom('walk')];
    const values: number[] = [];
    const window = ownedWindow(plan.lookback + 1);
    for (let period = 0; period < 200; period += 1) {
      values.push((values.at(-1) ?? 0) + random.normal());
      window.append(period, values.at(-1) ?? 0);
    }
    const row = new Float64Array(plan.width);
    plan.write(window, 199, row, 0);
    const inputs = new LinearInputs(unbounded.design);
    inputs.read(row, 0);
    const weight = fc.double({ min: -0.3, max: 0.3, noNaN: true });
    const { length } = found.lags;
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: length, maxLength: length }),
        weight,
        (lags, intercept) => {
          const weights = { lags: Float64Array.from(lags), mean: 0, intercept };
          const out = new Float64Array(horizon);
          linearMeans(unrolled(unbounded, weights), inputs, { row, at: 0, out });
          const all = [...values];
          for (const said of out) {
            const change = found.lags.reduce(
              (sum, lag, index) =>
                sum + (lags[index] ?? 0) * ((all.at(-lag) ?? 0) - (all.at(-lag - 1) ?? 0)),
              intercept * inputs.scale,
            );
            all.push((all.at(-1) ?? 0) + change);
            expect(said).toBeCloseTo(all.at(-1) ?? Number.NaN, 8);
          }
        },
      ),
    );
  });
});
