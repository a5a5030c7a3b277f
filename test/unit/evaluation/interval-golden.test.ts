import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf, type SeriesHistory } from '../../../src/evaluation/history.ts';
import { originBlocks } from '../../../src/evaluation/origin-blocks.ts';
import { IntervalCalibration } from '../../../src/models/interval-calibration.ts';
import { maturedForecasts } from '../../../src/models/matured-forecasts.ts';
import { linearDesign } from '../../../src/models/linear-design.ts';
import { NONE } from '../../../src/models/linear-model.ts';
import { flightsCounts, type AirportCounts } from '../../support/flights-counts.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';
import { intervalStart } from '../../support/interval-start.ts';
import { linearForecaster } from '../../support/linear-forecaster.ts';
import { ROOT } from '../../support/repository.ts';

interface GoldenState {
  readonly sigma: readonly (readonly number[])[];
  readonly q: readonly (readonly number[])[];
  readonly mr: readonly number[];
}

type Moment = 'start' | 'afterActual3336' | 'afterActual3359';

// Made by a reference implementation in NumPy.
const golden = JSON.parse(
  readFileSync(`${ROOT}test/fixtures/reference/ridge-golden.json`, 'utf8'),
) as {
  readonly model: { readonly Ws: number[][]; readonly Wp: number[][]; readonly b: number[] };
  readonly intervalFlights: Readonly<Record<string, Readonly<Record<Moment, GoldenState>>>>;
};

/** First hour of the test span, and of the 28 days whose errors the intervals begin with. */
const TEST = 3_336;
const CALIBRATION = TEST - 28 * 24;
const schema = hourlySchema();

const model = linearForecaster({
  // The reference tells means as they are.
  design: { ...linearDesign(schema), whole: NONE, slotMean: NONE },
  scalarWeights: Float64Array.from(golden.model.Ws.flat()),
  profileWeights: Float64Array.from(golden.model.Wp.flat()),
  intercepts: Float64Array.from(golden.model.b),
});

const LEVELS = [80, 95];
const BUCKETS = 4;
const SHAPE = { season: 24, horizon: HORIZON, levels: LEVELS, slots: 24 };

interface Said {
  mean(origin: number, step: number): number;
  ceiling(origin: number): number;
}

/** What the model says of a series at every hour from before the calibration on. */
const sayingsOf = async (series: SeriesHistory): Promise<Said> => {
  const origins = Array.from({ length: 30 * 24 }, (_, hour) => CALIBRATION - 1 + hour);
  const panel = { series: [series], holidays: null };
  const means: number[] = [];
  const ceilings: number[] = [];
  for (const block of originBlocks({ panel, schemas: [schema], origins })) {
    const [rows = new Float64Array()] = block.rows.values();
    means.push(...(await model.predict(rows, block.count)));
    ceilings.push(...block.ceiling);
  }
  const at = (values: readonly number[], index: number): number => values[index] ?? Number.NaN;
  return {
    mean: (origin, step) => at(means, (origin - CALIBRATION + 1) * HORIZON + step - 1),
    ceiling: (origin) => at(ceilings, origin - CALIBRATION + 1),
  };
};

const STEPS = Array.from({ length: HORIZON }, (_, index) => index + 1);

/** The intervals of one series, started from the errors before the test span and driven by hand. */
class Driven {
  readonly calibration = new IntervalCalibration(SHAPE);
  readonly state = new Float64Array(this.calibration.words);
  private readonly series: SeriesHistory;
  private readonly said: Said;
  private readonly matured = maturedForecasts(HORIZON, LEVELS.length);
  private readonly lower = new Map<string, number>();
  private readonly upper = new Map<string, number>();

  constructor(series: SeriesHistory, said: Said) {
    this.series = series;
    this.said = said;
    const count = TEST - (CALIBRATION + HORIZON - 1);
    const targets = Array.from({ length: count }, (_, index) => TEST - count + index);
    const errors = targets.flatMap((target) =>
      STEPS.map((step) => Math.abs(valueOf(series, target) - said.mean(target - step, step))),
    );
    const known = {
      ...{ count, errors: Float64Array.from(errors) },
      slots: Int32Array.from(targets, (target) => target % 24),
    };
    this.calibration.seek(this.state).startFrom(intervalStart(known, SHAPE));
  }

  issue(origin: number): void {
    for (const step of STEPS) {
      for (const level of LEVELS.keys()) {
        const half = this.calibration.half(step, (origin + step) % 24, level);
        const mean = this.said.mean(origin, step);
        const key = `${origin}/${step}/${level}`;
        this.lower.set(key, Math.max(0, mean - half));
        this.upper.set(key, Math.min(this.said.ceiling(origin), mean + half));
      }
    }
  }

  learn(target: number): void {
    const { matured } = this;
    matured.count = HORIZON;
    for (const [index, step] of STEPS.entries()) {
      matured.steps[index] = step;
      matured.means[index] = this.said.mean(target - step, step);
      for (const level of LEVELS.keys()) {
        const key = `${target - step}/${step}/${level}`;
        matured.lower[index * LEVELS.length + level] = this.lower.get(key) ?? Number.NaN;
        matured.upper[index * LEVELS.length + level] = this.upper.get(key) ?? Number.NaN;
      }
    }
    this.calibration.learn(valueOf(this.series, target), target % 24, matured);
  }

  /** Compares every number of the state; returns how many. */
  expectAt(id: string, moment: Moment): number {
    const expected = golden.intervalFlights[id]?.[moment];
    if (expected === undefined) throw new Error(`nothing is expected of ${id}`);
    const sigma = Array.from({ length: 24 }, (_, slot) => {
      const first = this.calibration.slotWord(slot) + 1;
      return [...this.state.subarray(first, first + BUCKETS)];
    });
    const pairs = [
      [this.state.subarray(0, BUCKETS), expected.mr],
      [this.state.subarray(BUCKETS, BUCKETS * 3), expected.q.flat()],
      [sigma.flat(), expected.sigma.flat()],
    ] as const;
    for (const [got, values] of pairs) {
      expect(got).toHaveLength(values.length);
      for (const [index, value] of values.entries()) expect(got[index]).toBeCloseTo(value, 9);
    }
    return pairs.reduce((sum, [got]) => sum + got.length, 0);
  }
}

describe('intervals of real departures', () => {
  let airports: AirportCounts[];
  beforeAll(async () => {
    airports = await flightsCounts(60);
  }, 120_000);

  it.each(['ATL', 'SAN'])('of %s equal the reference from start to end of a day', async (id) => {
    const airport = airports.find(({ seriesId }) => seriesId === id);
    if (airport === undefined) throw new Error(`${id} is no airport`);
    const series = { ...airport, firstPeriod: 0 };
    const driven = new Driven(series, await sayingsOf(series));
    let compared = driven.expectAt(id, 'start');
    for (let origin = TEST - HORIZON; origin < TEST; origin += 1) driven.issue(origin);
    for (let target = TEST; target < TEST + 24; target += 1) {
      driven.learn(target);
      if (target === TEST) compared += driven.expectAt(id, 'afterActual3336');
      driven.issue(target);
    }
    compared += driven.expectAt(id, 'afterActual3359');
    expect(compared).toBe(3 * (24 * 4 + 8 + 4));
  });
});
