import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IntervalCalibration } from '../../../src/models/interval-calibration.ts';
import { isCovered, maturedForecasts } from '../../../src/models/matured-forecasts.ts';
import { intervalSlots, calibrationBuckets } from '../../../src/models/calibration-buckets.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { intervalStart } from '../../support/interval-start.ts';
import { ROOT } from '../../support/repository.ts';

const HORIZON = 24;
const CAP = 30;

interface GoldenState {
  readonly q: readonly (readonly number[])[];
  readonly mr: readonly number[];
  readonly sigmaSlot3: readonly number[];
  readonly issued: readonly (readonly (readonly number[])[])[];
}

// Made by a reference implementation in another language.
const golden = JSON.parse(
  readFileSync(`${ROOT}test/fixtures/reference/ridge-golden.json`, 'utf8'),
) as { readonly intervalStream: Readonly<Record<string, GoldenState>> };

const shape = { season: 24, horizon: HORIZON, levels: [80, 95], slots: 24 };

const meanOf = (origin: number, step: number): number => 5 + ((7 * origin + 3 * step) % 11) / 4;

/**
 * Plays the golden stream: forecasts with issued bounds, scored by `actualAt`, from period 0 to
 * `end`.
 */
const play = (
  calibration: IntervalCalibration,
  actualAt: (period: number) => number,
  visit: (period: number, issued: readonly (readonly number[])[]) => void,
) => {
  const levels = calibration.levels.length;
  const issued = new Map<number, readonly (readonly number[])[]>();
  const matured = maturedForecasts(HORIZON, levels);
  for (let period = 0; period < 300; period += 1) {
    matured.count = 0;
    for (let step = 1; step <= Math.min(HORIZON, period); step += 1) {
      const index = matured.count;
      matured.steps[index] = step;
      matured.means[index] = meanOf(period - step, step);
      const bounds = issued.get(period - step)?.[step - 1] ?? [];
      for (let level = 0; level < levels; level += 1) {
        matured.lower[index * levels + level] = bounds[2 * level] ?? 0;
        matured.upper[index * levels + level] = bounds[2 * level + 1] ?? 0;
      }
      matured.count += 1;
    }
    calibration.learn(actualAt(period), period % 24, matured);
    const next = Array.from({ length: HORIZON }, (_, index) => {
      const step = index + 1;
      const mean = meanOf(period, step);
      return calibration.levels.flatMap((_level, level) => {
        const half = calibration.half(step, (period + step) % 24, level);
        return [Math.max(0, mean - half), Math.min(CAP, mean + half)];
      });
    });
    issued.set(period, next);
    visit(period, next);
  }
};

describe('interval calibration', () => {
  it('equals the reference after 1, 2, 26 and 300 actuals', () => {
    const calibration = new IntervalCalibration({ ...shape, coldWeight: Infinity });
    const state = new Float64Array(calibration.words + 3);
    calibration.seek(state, 3).startCold(4);
    let compared = 0;
    play(
      calibration,
      (period) => ((37 * period) % 101) % 13,
      (period, issued) => {
        const expected = golden.intervalStream[`after${period}`];
        if (expected === undefined) return;
        for (const [bucket, levels] of expected.q.entries()) {
          expect(state[3 + bucket]).toBeCloseTo(expected.mr[bucket] ?? 0, 9);
          expect(state[3 + calibration.slotWord(3) + 1 + bucket]).toBeCloseTo(
            expected.sigmaSlot3[bucket] ?? 0,
            9,
          );
          for (const [level, q] of levels.entries()) {
            expect(state[3 + 4 + bucket * 2 + level]).toBeCloseTo(q, 9);
            compared += 1;
          }
        }
        for (const [index, levels] of expected.issued.entries()) {
          const flat = levels.flat();
          expect(issued[index]).toHaveLength(flat.length);
          for (const [bound, value] of flat.entries()) {
            expect(issued[index]?.[bound]).toBeCloseTo(value, 9);
            compared += 1;
          }
        }
      },
    );
    expect(compared).toBeGreaterThan(100);
    expect([...state.subarray(0, 3)]).toEqual([0, 0, 0]);
  });

  it('never lets a wider level be narrower than the one inside it', () => {
    const calibration = new IntervalCalibration(shape);
    calibration.seek(new Float64Array(calibration.words)).startCold(1);
    const matured = maturedForecasts(HORIZON, 2);
    matured.count = 1;
    matured.steps[0] = 1;
    // The inner interval misses each time and the outer one never does.
    matured.lower.set([5, -10]);
    matured.upper.set([6, 10]);
    const halves: number[][] = [];
    for (let day = 0; day < 60; day += 1) {
      calibration.learn(0, 0, matured);
      halves.push([calibration.half(1, 0, 0), calibration.half(1, 0, 1)]);
    }
    const [first, last] = [halves[0] ?? [], halves.at(-1) ?? []];
    expect(first[0]).toBeLessThan(first[1] ?? 0);
    expect(last[0]).toBe(last[1]);
    for (const [inner = 0, outer = 0] of halves) expect(outer).toBeGreaterThanOrEqual(inner);
  });

  it('starts from backtest errors with the coverage that they had', () => {
    const random = seededRandom('start');
    const calibration = new IntervalCalibration(shape);
    calibration.seek(new Float64Array(calibration.words));
    const count = 28 * 24;
    const slots = Int32Array.from({ length: count }, (_, row) => row % 24);
    const errors = Float64Array.from({ length: count * HORIZON }, (_, index) => {
      const slot = Math.floor(index / HORIZON) % 24;
      return Math.abs(random.normal()) * (1 + slot);
    });
    expect(calibration.isStarted).toBe(false);
    calibration.startFrom(intervalStart({ count, errors, slots }, shape));
    expect(calibration.isStarted).toBe(true);
    for (const [level, share] of [0.8, 0.95].entries()) {
      let covered = 0;
      for (let index = 0; index < errors.length; index += 1) {
        const row = Math.floor(index / HORIZON);
        const half = calibration.half((index % HORIZON) + 1, slots[row] ?? 0, level);
        if ((errors[index] ?? 0) <= half) covered += 1;
      }
      expect(Math.abs(covered / errors.length - share)).toBeLessThan(0.002);
    }
    // Slot 23 errs 24 times as much as slot 0.
    expect(calibration.half(1, 23, 0) / calibration.half(1, 0, 0)).toBeGreaterThan(12);
  });

  it('forgets a cold start as fast as errors come in, and follows slowly later', () => {
    const calibration = new IntervalCalibration(shape);
    const state = new Float64Array(calibration.words);
    calibration.seek(state).startCold(100);
    const sigma = () => state[calibration.slotWord(0) + 2] ?? 0;
    const matured = maturedForecasts(HORIZON, 2);
    matured.count = 1;
    matured.steps[0] = 2;
    matured.lower.fill(-1e3);
    matured.upper.fill(1e3);
    const seen: number[] = [];
    for (let day = 0; day < 3; day += 1) {
      calibration.learn(8, 0, matured);
      seen.push(sigma());
    }
    // The mean of 80, which it began with, and of the eights since.
    expect(seen).toEqual([44, 32, 26].map((value) => expect.closeTo(value, 9) as number));
    for (let day = 3; day < 200; day += 1) calibration.learn(8, 0, matured);
    const before = sigma();
    calibration.learn(18, 0, matured);
    expect(sigma() - before).toBeCloseTo(0.05 * (18 - before), 9);
  });

  it('follows the first errors of another model, however sure the one before was', () => {
    const widthAfter = (restarts: boolean): number => {
      const calibration = new IntervalCalibration(shape);
      calibration.seek(new Float64Array(calibration.words)).startCold(1);
      const matured = maturedForecasts(HORIZON, 2);
      matured.count = 1;
      matured.steps[0] = 2;
      matured.lower.fill(-1e3);
      matured.upper.fill(1e3);
      for (let day = 0; day < 30; day += 1) calibration.learn(0, 0, matured);
      if (restarts) calibration.restart();
      matured.means[0] = 0.05;
      for (let day = 0; day < 4; day += 1) calibration.learn(0, 0, matured);
      return calibration.half(2, 0, 0);
    };
    expect(widthAfter(true) / widthAfter(false)).toBeGreaterThan(1.15);
  });

  it('begins wide enough for a series that never moves, and can still learn', () => {
    const calibration = new IntervalCalibration(shape);
    const state = new Float64Array(calibration.words);
    calibration.seek(state);
    const errors = new Float64Array(24 * HORIZON);
    const slots = Int32Array.from({ length: 24 }, () => 0);
    calibration.startFrom(intervalStart({ count: 24, errors, slots }, shape));
    expect(state.every((word) => Number.isFinite(word) && word >= 0)).toBe(true);
    const matured = maturedForecasts(HORIZON, 2);
    matured.count = 1;
    matured.steps[0] = 1;
    const before = calibration.half(1, 0, 0);
    for (let day = 0; day < 50; day += 1) calibration.learn(10, 0, matured);
    expect(calibration.half(1, 0, 0)).toBeGreaterThan(before);
  });

  it('buckets steps by parts of the season', () => {
    expect(calibrationBuckets(24, 24)).toEqual([1, 6, 12, 24]);
    expect(calibrationBuckets(48, 240)).toEqual([1, 12, 24, 48, 96, 240]);
    expect(calibrationBuckets(7, 3)).toEqual([1, 3]);
    expect(calibrationBuckets(7, 1)).toEqual([1]);
    expect([intervalSlots([24, 168]), intervalSlots([7]), intervalSlots([])]).toEqual([24, 1, 1]);
  });

  it('counts an actual on a bound as covered, whatever float32 did to the bound', () => {
    expect(isCovered(0.1, Math.fround(0.1), Math.fround(0.1))).toBe(true);
    expect(isCovered(0.1, 0.2, 0.3)).toBe(false);
    expect(isCovered(0.4, 0.2, 0.3)).toBe(false);
  });
});
