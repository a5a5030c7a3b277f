import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { pairedTest } from '../../../src/retraining/paired-test.ts';
import { studentTail } from '../../../src/core/student-t.ts';

const options = { horizon: 24, seasons: [24, 168], seed: 'request-1' };

describe("Student's t", () => {
  it.each([
    [0, 5, 0.5],
    [1.5, 3, 0.11529193262241147],
    [2.3, 27, 0.014703954215589805],
    [-1.1, 10, 0.8514465889659404],
    [6, 671, 1.613781520989188e-9],
    [40, 100, 1.2310538010700354e-63],
    [1.6604, 99, 0.04999910869828191],
  ])('P(T > %d) with %d degrees equals scipy', (t, degrees, expected) => {
    expect(studentTail(t, degrees) / expected).toBeCloseTo(1, 9);
  });
});

describe('the paired test', () => {
  it('equals a reference in NumPy and scipy', () => {
    const differences = Float64Array.from(
      { length: 200 },
      (_, i) => ((37 * i) % 101) / 101 - 0.45 + 0.3 * Math.sin(i / 9),
    );
    const result = pairedTest(differences, options);
    expect(result.meanDifference).toBeCloseTo(0.07228058670954232, 12);
    expect(result.lags).toBe(23);
    expect(result.statistic).toBeCloseTo(1.1682311615436667, 10);
    expect(result.pValue).toBeCloseTo(0.12205559826504297, 10);
    expect(result.blockLength).toBe(24);
  });

  it('draws the same blocks for the same request, others for another', () => {
    const random = seededRandom('losses');
    const differences = Float64Array.from({ length: 700 }, () => random.normal());
    const first = pairedTest(differences, options);
    expect(pairedTest(differences, options)).toEqual(first);
    const other = pairedTest(differences, { ...options, seed: 'request-2' });
    expect(other.statistic).toBe(first.statistic);
    expect(other.bootstrapLower).not.toBe(first.bootstrapLower);
    expect(Math.abs(other.bootstrapLower - first.bootstrapLower)).toBeLessThan(0.03);
  });

  it('finds equal models different in one look of twenty, autocorrelated or not', () => {
    let alarms = 0;
    const looks = 400;
    for (let look = 0; look < looks; look += 1) {
      const random = seededRandom(`look-${look}`);
      let level = 0;
      const differences = Float64Array.from({ length: 672 }, () => {
        level = 0.7 * level + random.normal();
        return level;
      });
      const { pValue, bootstrapLower } = pairedTest(differences, options);
      if (pValue < 0.05 && bootstrapLower > 0) alarms += 1;
    }
    expect(alarms / looks).toBeLessThan(0.08);
    expect(alarms).toBeGreaterThan(0);
  });

  it('finds a small lasting advantage', () => {
    const random = seededRandom('advantage');
    const differences = Float64Array.from({ length: 672 }, () => 0.2 + random.normal());
    const { pValue, bootstrapLower } = pairedTest(differences, options);
    expect(pValue).toBeLessThan(0.01);
    expect(bootstrapLower).toBeGreaterThan(0);
  });

  it('calls constant differences certain, and none undecided', () => {
    expect(pairedTest(new Float64Array(100).fill(1), options).pValue).toBeLessThan(1e-9);
    expect(pairedTest(new Float64Array(100).fill(-1), options).pValue).toBeGreaterThan(1 - 1e-9);
    expect(pairedTest(new Float64Array(100), options).pValue).toBe(0.5);
    expect(pairedTest(new Float64Array(1).fill(1), options).pValue).toBe(1);
  });

  /** How often equal models, whose differences share a week, are told apart at both demands. */
  const falseShareOf = (horizon: number, count: number): number => {
    let alarms = 0;
    const looks = 200;
    for (let look = 0; look < looks; look += 1) {
      const random = seededRandom(`${horizon}/${count}/${look}`);
      const shocks = Float64Array.from({ length: count + 7 }, () => random.normal());
      const week = (at: number): number =>
        shocks.subarray(at, at + 7).reduce((sum, shock) => sum + shock, 0);
      const differences = Float64Array.from({ length: count }, (_, at) => week(at));
      const { pValue, bootstrapLower } = pairedTest(differences, {
        ...{ horizon, seasons: [7], seed: String(look) },
      });
      if (pValue <= 0.05 && bootstrapLower > 0) alarms += 1;
    }
    return alarms / looks;
  };

  it.each([
    [90, 28],
    [90, 40],
    [90, 56],
    [60, 56],
    [48, 48],
    [30, 56],
    [28, 56],
    [30, 90],
    [90, 180],
  ])('does not tell equal models apart by horizons of %i over %i targets', (horizon, count) => {
    expect(falseShareOf(horizon, count)).toBeLessThan(0.08);
  });

  it('says nothing of less than two horizons, and draws no rotations of the whole', () => {
    const random = seededRandom('short');
    const differences = Float64Array.from({ length: 56 }, () => 2 + random.normal());
    const of = (horizon: number) => pairedTest(differences, { ...options, horizon });
    expect(of(29).pValue).toBe(1);
    expect(of(28).pValue).toBeLessThan(0.05);
    const { blockLength, bootstrapLower, meanDifference } = of(200);
    expect(blockLength).toBe(18);
    expect(bootstrapLower).toBeLessThan(meanDifference);
  });
});
