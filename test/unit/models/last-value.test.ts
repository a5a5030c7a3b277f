import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { metadataEntries } from '../../../src/models/artifact.ts';
import { memberMeans, type Member } from '../../../src/models/average/member.ts';
import { differencesOf } from '../../../src/models/differences.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import { lastValueOf } from '../../../src/models/last-value.ts';
import { linearDesign } from '../../../src/models/linear-design.ts';
import { averageGraph } from '../../../src/models/onnx/average-graph.ts';
import { linearGraph } from '../../../src/models/onnx/linear-graph.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import { unrolled } from '../../../src/models/step-recursion.ts';
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

/** A quarter of a season of 12: the value a season before is another one than the last. */
const STEPS = 3;

/** The values of a series, the last one of which is always known. */
const values = fc
  .tuple(
    fc.array(fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constant(Number.NaN)), {
      minLength: 200,
      maxLength: 200,
    }),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.integer({ min: 1, max: 30 }),
  )
  // Then it jumps, so far and so many days ago.
  .map(([noise, jump, days]) => {
    const all = noise.map((value, day) => 100 + value + (day < noise.length - days ? 0 : jump));
    return [...all.slice(0, -1), 100 + jump + (noise.find((value) => !Number.isNaN(value)) ?? 0)];
  });

describe.each(['last-value', 'differences'])('%s of a series that jumped', (name) => {
  const schema = defaultFeatures({
    ...{ frequency: '1d', timeZone: 'UTC', holidays: null, seasons: [12], horizon: STEPS },
    ...{ lags: [1, 2], rolling: { windows: [], statistics: [] }, calendar: [] },
  });
  const modelOf = () => {
    const base = linearDesign(schema);
    const recursion = differencesOf(schema, base);
    if (name === 'last-value' || recursion === undefined) return lastValueOf(schema, base);
    // That nothing follows from how values changed.
    const lags = new Float64Array(recursion.lags.length);
    return unrolled(recursion, { lags, mean: 0, intercept: 0 });
  };
  const model = modelOf();
  if (model === undefined) throw new Error('the features have no last value');
  const member: Member = { kind: 'recursion', model };
  const plan = compileFeatures(schema);
  const rowOf = (all: readonly number[]): Float64Array => {
    const window = ownedWindow(plan.lookback + 1);
    for (const [day, value] of all.entries()) window.append(day, value);
    const row = new Float64Array(plan.width);
    plan.write(window, all.length - 1, row, 0);
    return row;
  };
  // Alone, rows without gaps and outliers go a shorter way.
  let forecasters: readonly Forecaster[];
  beforeAll(async () => {
    const metadata = metadataEntries({
      ...{ featureSchema: schema, horizon: STEPS, strategy: 'direct' },
      ...{ transform: 'none', missing: 'nan' },
    });
    forecasters = await Promise.all(
      [
        averageGraph({ members: [{ member, weight: 1 }] }, metadata),
        linearGraph(model, metadata),
      ].map((artifact) => openOnnxForecaster({ artifact, name: 'm', version: '1', workers: 1 })),
    );
  });
  afterAll(() => Promise.all(forecasters.map((forecaster) => forecaster.close())));

  it('says the last value, however far it jumped, and so does ONNX', async () => {
    const say = memberMeans(member);
    await fc.assert(
      fc.asyncProperty(values, async (all) => {
        const [row, out, last] = [rowOf(all), new Float64Array(STEPS), all.at(-1) ?? 0];
        say(row, out);
        const said = await Promise.all(forecasters.map((one) => one.predict(row, 1)));
        for (const told of [...out, ...said.flatMap((means) => [...means])]) {
          expect(Math.abs(told - last)).toBeLessThanOrEqual(1e-9 * Math.abs(last));
        }
      }),
    );
  });
});
