import { describe, expect, it } from 'vitest';
import { endOf } from '../../src/evaluation/history.ts';
import { originBlocks } from '../../src/evaluation/origin-blocks.ts';
import { compileFeatures } from '../../src/features/feature-plan.ts';
import type { FeatureVector } from '../../src/schemas/feature-vector.ts';
import type { Forecast } from '../../src/schemas/forecast.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import type { Score } from '../../src/schemas/score.ts';
import { isCovered } from '../../src/models/matured-forecasts.ts';
import { fitRidge } from '../../src/retraining/trainers/ridge-fit.ts';
import { avroSerdes } from '../support/forecasting-avro.ts';
import {
  completeTo,
  forecastingDriver,
  HOUR_MS,
  MODELS,
  OBSERVATIONS,
  sentTo,
} from '../support/forecasting-driver.ts';
import { flightsCounts, type AirportCounts } from '../support/flights-counts.ts';
import { HORIZON, hourlySchema } from '../support/hourly-schema.ts';
import { linearForecaster } from '../support/linear-forecaster.ts';

const AIRPORTS = 12;
const WARM_UP_HOURS = 5 * 24;
const TEST_HOURS = 42 * 24;
const schema = hourlySchema();
const serdes = await avroSerdes();
const PROMOTED: ModelEvent = {
  ...{ type: 'ModelPromoted', stream: 's', model: 'm', version: '1', sha256: 'sha-1' },
  ...{ actor: '', reason: '', requestId: '', gate: '{}', decidedAt: 0 },
  ...{ previous: '', effectiveFrom: 0 },
};

interface Run {
  readonly series: readonly AirportCounts[];
  readonly features: readonly FeatureVector[];
  readonly forecasts: readonly Forecast[];
  readonly scores: readonly Score[];
  readonly start: number;
  readonly end: number;
}

/** All counts through the topology, an hour a batch; forecasts from 47 days before the end. */
const run = async (): Promise<
  Run & { readonly forecaster: ReturnType<typeof linearForecaster> }
> => {
  const series = await flightsCounts(AIRPORTS);
  const end = endOf(series);
  const start = end - TEST_HOURS - WARM_UP_HOURS;
  const { model } = fitRidge(
    { featureSchema: schema, series, holidays: null, fromPeriod: 0, toPeriod: start },
    {},
  );
  const forecaster = linearForecaster(model);
  const driver = forecastingDriver({
    ...{ aggregate: 'sum', serdes, fromMs: start * HOUR_MS },
    shelf: { load: async () => forecaster },
  });
  const promotion = { topic: MODELS, key: 'm', value: serdes.modelEvent.encode(PROMOTED) };
  await driver.feed([promotion]);
  const firstPeriod = series[0]?.firstPeriod ?? 0;
  for (let hour = firstPeriod; hour < end; hour += 1) {
    const values = series.map(({ seriesId, values: counts }) => ({
      topic: OBSERVATIONS,
      key: seriesId,
      value: serdes.observation.encode({
        ...{ seriesId, eventTime: hour * HOUR_MS, attributes: {} },
        value: counts[hour - firstPeriod] ?? null,
      }),
    }));
    await driver.feed([...values, completeTo((hour + 1) * HOUR_MS)]);
  }
  return {
    ...{ series, start, end, forecaster },
    features: sentTo(driver.sent, 'features', serdes.features),
    forecasts: sentTo(driver.sent, 'forecasts', serdes.forecast),
    scores: sentTo(driver.sent, 'scores', serdes.score),
  };
};

const done = run();
const at = (seriesId: string, period: number): string => `${seriesId}/${period}`;

/** What the functions of backtest and training say of one origin. */
interface Offline {
  readonly scalars: Float64Array;
  readonly means: Float64Array;
  readonly naive: Float64Array;
  readonly scale: number;
}

const isAscending = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value >= (values[index - 1] ?? Infinity));

const NOT: Offline = {
  ...{ scalars: new Float64Array(0), means: new Float64Array(0), naive: new Float64Array(0) },
  scale: Number.NaN,
};

const offline = async (): Promise<ReadonlyMap<string, Offline>> => {
  const { series, start, end, forecaster } = await done;
  const { scalarWidth } = compileFeatures(schema);
  const origins = Array.from({ length: end - start }, (_, hour) => start + hour);
  const known = new Map<string, Offline>();
  const panel = { series, holidays: null };
  for (const block of originBlocks({ panel, schemas: [schema], origins })) {
    const [rows = new Float64Array()] = block.rows.values();
    const width = rows.length / block.count;
    const naiveWidth = block.naive.length / block.count;
    const means = await forecaster.predict(rows, block.count);
    for (const [row, origin] of block.origins.entries()) {
      known.set(at(block.series.seriesId, origin), {
        scalars: rows.slice(row * width, row * width + scalarWidth),
        means: means.slice(row * HORIZON, (row + 1) * HORIZON),
        naive: block.naive.slice(row * naiveWidth, (row + 1) * naiveWidth),
        scale: block.scale[row] ?? Number.NaN,
      });
    }
  }
  return known;
};

describe('forecasts of real departures through the topology', () => {
  it('rest on features and means that equal those of a backtest to the bit', async () => {
    const { features, forecasts } = await done;
    const known = await offline();
    for (const { seriesId, origin, values } of features) {
      expect(values).toEqual(known.get(at(seriesId, origin / HOUR_MS))?.scalars);
    }
    for (const { seriesId, origin, mean, strategy } of forecasts) {
      expect(strategy).toBe('direct');
      expect(mean).toEqual(known.get(at(seriesId, origin / HOUR_MS))?.means);
    }
    expect(features).toHaveLength(AIRPORTS * (TEST_HOURS + WARM_UP_HOURS));
    expect(forecasts).toHaveLength(AIRPORTS * (TEST_HOURS + WARM_UP_HOURS));
    expect(features.length).toBeGreaterThan(10_000);
  }, 120_000);

  it('are scored beside opponents and units that equal those of a backtest', async () => {
    const { scores } = await done;
    const known = await offline();
    let compared = 0;
    for (const { seriesId, target, steps } of scores) {
      for (const said of steps) {
        const { means, naive, scale } =
          known.get(at(seriesId, target / HOUR_MS - said.step)) ?? NOT;
        const from = (said.step - 1) * said.naive.length;
        const expected = [
          ...[means[said.step - 1], Math.fround(scale)],
          ...Float32Array.from(naive.subarray(from, from + said.naive.length)),
        ].join();
        // A hundred thousand comparisons: a matcher each would take a minute.
        const found = [said.mean, said.scale, ...said.naive].join();
        if (found !== expected) expect(found).toBe(expected);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(AIRPORTS * TEST_HOURS * HORIZON);
  }, 120_000);

  it('cover what they say over the last 42 days, at every hour of the day', async () => {
    const { scores, end } = await done;
    const inside = new Float64Array(24);
    const all = new Float64Array(24);
    const last = scores.filter(({ target }) => target >= (end - TEST_HOURS) * HOUR_MS);
    for (const { target, actual, steps } of last) {
      const slot = (target / HOUR_MS) % 24;
      for (const { lower, upper } of steps) {
        const bounds = [0, ...[...lower].toReversed(), ...upper];
        if (!isAscending(bounds)) expect(bounds).toEqual([]);
        const [low = NaN] = lower;
        const [high = NaN] = upper;
        all[slot] = (all[slot] ?? 0) + 1;
        inside[slot] = (inside[slot] ?? 0) + Number(isCovered(actual, low, high));
      }
    }
    const total = (hours: Float64Array): number => hours.reduce((sum, one) => sum + one, 0);
    expect(total(all)).toBe(AIRPORTS * TEST_HOURS * HORIZON);
    const coverage = total(inside) / total(all);
    expect(coverage).toBeGreaterThan(0.77);
    expect(coverage).toBeLessThan(0.83);
    const hours = Array.from(inside, (count, hour) => count / (all[hour] ?? 1));
    expect(Math.min(...hours)).toBeGreaterThan(0.7);
  }, 120_000);
});
