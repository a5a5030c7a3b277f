import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoregressionOf } from '../../../src/models/autoregression.ts';
import { unrolled } from '../../../src/models/step-recursion.ts';
import { linearDesign } from '../../../src/models/linear-design.ts';
import { LinearInputs, linearMeans, NONE } from '../../../src/models/linear-model.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { seededRandom } from '../../../src/core/random.ts';

const schemaOf = (seasons: readonly number[], horizon: number): FeatureSchema =>
  defaultFeatures({
    ...{ frequency: '1h', timeZone: 'UTC', holidays: null, seasons, horizon },
    ...{ lags: [], rolling: { windows: [], statistics: [] }, calendar: [] },
  });

/** Rows of a noisy series, and how far each of its values was off the mean of its slot. */
const rowsOf = (schema: FeatureSchema, length: number) => {
  const plan = compileFeatures(schema);
  const last = plan.names.indexOf('deviation_0');
  const window = ownedWindow(plan.lookback + 1);
  const random = seededRandom('values');
  const rows = Array.from({ length }, (_, period) => {
    const row = new Float64Array(plan.width);
    window.append(period, Math.sin(period) + random.normal());
    plan.write(window, period, row, 0);
    return row;
  });
  return { rows, latest: rows.map((row) => row[last] ?? Number.NaN) };
};

const autoregressionFor = (schema: FeatureSchema) => {
  const found = autoregressionOf(schema, linearDesign(schema));
  if (found === undefined) throw new Error('the features tell no deviations');
  return found;
};

describe('an autoregression', () => {
  it('reads the latest periods, and those a day and a week before and beside them', () => {
    expect(autoregressionFor(schemaOf([24, 168], 24)).lags).toEqual([
      1, 2, 3, 4, 24, 25, 48, 168, 169,
    ]);
    expect(autoregressionFor(schemaOf([7], 14)).lags).toEqual([1, 2, 3, 4, 7, 8, 14]);
    expect(autoregressionFor(schemaOf([4], 8)).lags).toEqual([1, 2, 3, 4, 5, 8]);
  });

  it('is none where features do not tell how far each slot of the last day was off', () => {
    const schema = schemaOf([24, 168], 24);
    const without = (of: string): FeatureSchema => ({
      ...schema,
      terms: schema.terms.filter((term) => term.kind !== 'profile' || term.profile.of !== of),
    });
    const design = linearDesign(schema);
    expect(autoregressionOf(without('deviation'), design)).toBeUndefined();
    const other = without('seasonal');
    expect(autoregressionOf(other, linearDesign(other))).toBeUndefined();
  });

  it.each([
    [[6, 18], 4],
    [[6, 18], 20],
    [[4], 9],
    [[1], 3],
  ])('says in one go what it says step by step: seasons %j, %i steps', (seasons, horizon) => {
    const schema = schemaOf(seasons, horizon);
    const { design, ...found } = autoregressionFor(schema);
    const unbounded = { ...found, design: { ...design, least: NONE, greatest: NONE } };
    const { rows, latest } = rowsOf(schema, 400);
    const row = rows.at(-1) ?? new Float64Array();
    const inputs = new LinearInputs(unbounded.design);
    inputs.read(row, 0);
    const [slotMean = NONE] = design.anchors;
    const [season = 1] = seasons;
    const weight = fc.double({ min: -0.4, max: 0.4, noNaN: true });
    const { length } = found.lags;
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: length, maxLength: length }),
        ...[weight, weight],
        (lags, mean, intercept) => {
          const weights = { lags: Float64Array.from(lags), mean, intercept };
          const out = new Float64Array(horizon);
          linearMeans(unrolled(unbounded, weights), inputs, { row, at: 0, out });
          const apart = [...latest];
          for (const [step, said] of out.entries()) {
            const short = apart.slice(-season).reduce((sum, one) => sum + one, 0);
            const next = found.lags.reduce(
              (sum, lag, index) => sum + (lags[index] ?? 0) * (apart.at(-lag) ?? 0),
              intercept * inputs.scale + (mean * short) / season,
            );
            apart.push(next);
            expect(said).toBeCloseTo((row[slotMean + step] ?? 0) + next, 8);
          }
        },
      ),
    );
  });
});
