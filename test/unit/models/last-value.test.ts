import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { metadataEntries } from '../../../src/models/artifact.ts';
import { memberMeans, type Member } from '../../../src/models/average/member.ts';
import { lastValueOf } from '../../../src/models/last-value.ts';
import { linearDesign } from '../../../src/models/linear-design.ts';
import { averageGraph } from '../../../src/models/onnx/average-graph.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';

const HORIZON = 10;
const DAYS = 300;

const schemaOf = (lags: readonly number[]): FeatureSchema =>
  defaultFeatures({
    ...{ frequency: '1d', timeZone: 'UTC', holidays: null, seasons: [], horizon: HORIZON, lags },
    ...{ rolling: { windows: [28], statistics: ['min', 'max'] }, calendar: [] },
  });

/** A walk, with days that are missing, and a row a day of the last hundred. */
const walkOf = (schema: FeatureSchema) => {
  const [plan, random] = [compileFeatures(schema), seededRandom('walk')];
  const window = ownedWindow(plan.lookback + 1);
  const rows = new Float64Array(100 * plan.width);
  const lasts: number[] = [];
  let level = 50;
  for (let day = 0; day < DAYS; day += 1) {
    level += random.normal();
    const value = day % 9 === 0 ? Number.NaN : level;
    window.append(day, value);
    if (day < DAYS - 100) continue;
    plan.write(window, day, rows, lasts.length * plan.width);
    lasts.push(value);
  }
  return { rows, lasts, width: plan.width };
};

describe('the last value as a model', () => {
  const schema = schemaOf([1]);
  const model = lastValueOf(schema, linearDesign(schema));
  if (model === undefined) throw new Error('the features have no last value');
  const member: Member = { kind: 'recursion', model };
  const { rows, lasts, width } = walkOf(schema);

  it('is the last value at every step, and what it starts from where that is missing', () => {
    const say = memberMeans(member);
    const out = new Float64Array(HORIZON);
    for (const [row, last] of lasts.entries()) {
      say(rows.subarray(row * width, (row + 1) * width), out);
      for (const mean of out) {
        if (Number.isNaN(last)) expect(mean).toBeGreaterThan(20);
        else expect(mean).toBeCloseTo(last, 9);
      }
    }
    expect(lasts.some(Number.isNaN)).toBe(true);
  });

  it('is the same as ONNX', async () => {
    const metadata = metadataEntries({
      ...{ featureSchema: schema, horizon: HORIZON, strategy: 'direct' },
      ...{ transform: 'none', missing: 'nan' },
    });
    const artifact = averageGraph({ members: [{ member, weight: 1 }] }, metadata);
    const forecaster = await openOnnxForecaster({ artifact, name: 'm', version: '1', workers: 1 });
    const means = await forecaster.predict(rows, lasts.length);
    await forecaster.close();
    for (const [row, last] of lasts.entries()) {
      if (!Number.isNaN(last)) expect(means[row * HORIZON + 9]).toBeCloseTo(last, 9);
    }
    expect(means.every(Number.isFinite)).toBe(true);
  });

  it('is none where rows do not have it', () => {
    const isKept = (term: FeatureSchema['terms'][number]): boolean =>
      term.kind !== 'lag' || term.periods !== 1;
    const without = { ...schema, terms: schema.terms.filter(isKept) };
    expect(lastValueOf(without, linearDesign(without))).toBeUndefined();
  });

  it('is none of a long way into a season', () => {
    const of = (horizon: number) => {
      const seasonal = { ...schema, seasons: [24], horizon };
      return lastValueOf(seasonal, linearDesign(seasonal));
    };
    expect(of(6)).toBeDefined();
    expect(of(7)).toBeUndefined();
  });
});
