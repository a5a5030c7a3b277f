import { describe, expect, it } from 'vitest';
import { endOf, valueOf, type SeriesHistory } from '../../../src/evaluation/history.ts';
import { originBlocks, type OriginBlock } from '../../../src/evaluation/origin-blocks.ts';
import { IntervalCalibration } from '../../../src/models/interval-calibration.ts';
import { isCovered, maturedForecasts } from '../../../src/models/matured-forecasts.ts';
import { fitRidge } from '../../../src/retraining/trainers/ridge-fit.ts';
import { flightsCounts } from '../../support/flights-counts.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';
import { linearForecaster } from '../../support/linear-forecaster.ts';

const schema = hourlySchema();
const LEVELS = [80, 95];
const WARM_UP_HOURS = 5 * 24;
const TEST_HOURS = 42 * 24;
const STEPS = Array.from({ length: HORIZON }, (_, index) => index + 1);

interface Issued {
  readonly means: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Counts actuals inside their intervals by hour of day; a forecast an hour, from a cold start. */
class LiveIntervals {
  readonly covered = LEVELS.map(() => new Float64Array(24));
  readonly counts = new Float64Array(24);
  private readonly calibration = new IntervalCalibration({
    ...{ season: 24, horizon: HORIZON, levels: LEVELS, slots: 24 },
  });
  private readonly matured = maturedForecasts(HORIZON, LEVELS.length);
  private readonly open = new Map<number, Issued>();
  private readonly test: number;

  constructor(test: number) {
    this.test = test;
  }

  begin(scale: number): void {
    this.open.clear();
    this.calibration.seek(new Float64Array(this.calibration.words)).startCold(scale);
  }

  score(series: SeriesHistory, target: number): void {
    const { matured } = this;
    const actual = valueOf(series, target);
    matured.count = 0;
    for (const step of STEPS) {
      const issued = this.open.get(target - step);
      if (issued === undefined) continue;
      const index = matured.count;
      matured.count += 1;
      matured.steps[index] = step;
      matured.means[index] = issued.means[step - 1] ?? Number.NaN;
      for (const level of LEVELS.keys()) {
        const at = index * LEVELS.length + level;
        const from = (step - 1) * LEVELS.length + level;
        matured.lower[at] = issued.lower[from] ?? Number.NaN;
        matured.upper[at] = issued.upper[from] ?? Number.NaN;
      }
    }
    if (target >= this.test) this.count(actual, target % 24);
    this.calibration.learn(actual, target % 24, matured);
  }

  issue(block: OriginBlock, row: number, means: Float64Array): void {
    const origin = block.origins[row] ?? 0;
    const [floor, ceiling] = [block.floor[row] ?? 0, block.ceiling[row] ?? 0];
    const halves = STEPS.flatMap((step) =>
      [...LEVELS.keys()].map((level) => this.calibration.half(step, (origin + step) % 24, level)),
    );
    const bounds = (sign: number): Float64Array =>
      Float64Array.from(halves, (half, index) => {
        const bound = (means[Math.floor(index / LEVELS.length)] ?? 0) + sign * half;
        return Math.min(ceiling, Math.max(floor, bound));
      });
    this.open.set(origin, { means, lower: bounds(-1), upper: bounds(1) });
    this.open.delete(origin - HORIZON);
  }

  private count(actual: number, hour: number): void {
    for (let index = 0; index < this.matured.count; index += 1) {
      this.counts[hour] = (this.counts[hour] ?? 0) + 1;
      for (const [level, hours] of this.covered.entries()) {
        const at = index * LEVELS.length + level;
        const { lower, upper } = this.matured;
        if (!isCovered(actual, lower[at] ?? 0, upper[at] ?? 0)) continue;
        hours[hour] = (hours[hour] ?? 0) + 1;
      }
    }
  }
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

describe('intervals from a cold start, five days before the last 42 of real departures', () => {
  it('cover what they say, at every hour of the day', async () => {
    const series = await flightsCounts(20);
    const panel = { series, holidays: null };
    const end = endOf(series);
    const test = end - TEST_HOURS;
    const start = test - WARM_UP_HOURS;
    const { model } = fitRidge(
      { featureSchema: schema, series, holidays: null, fromPeriod: 0, toPeriod: start },
      {},
    );
    const forecaster = linearForecaster(model);
    const live = new LiveIntervals(test);
    const origins = Array.from({ length: end - start }, (_, hour) => start + hour);
    for (const block of originBlocks({ panel, schemas: [schema], origins })) {
      const [rows = new Float64Array()] = block.rows.values();
      const means = await forecaster.predict(rows, block.count);
      if (block.origins[0] === start) live.begin(block.scale[0] ?? 1);
      for (const [row, origin] of block.origins.entries()) {
        live.score(block.series, origin);
        live.issue(block, row, means.slice(row * HORIZON, (row + 1) * HORIZON));
      }
    }
    expect(total(live.counts)).toBe(20 * TEST_HOURS * HORIZON);
    for (const [level, hours] of live.covered.entries()) {
      const nominal = (LEVELS[level] ?? 0) / 100;
      expect(Math.abs(total(hours) / total(live.counts) - nominal)).toBeLessThan(0.03);
      const shares = Array.from(hours, (count, hour) => count / (live.counts[hour] ?? 1));
      expect(Math.min(...shares)).toBeGreaterThan(nominal - 0.1);
    }
  }, 120_000);
});
