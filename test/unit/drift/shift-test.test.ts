import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { benjaminiHochberg } from '../../../src/drift/benjamini-hochberg.ts';
import { independence } from '../../../src/drift/independence.ts';
import { referenceIndependence, shiftTest } from '../../../src/drift/shift-test.ts';
import { tickFindings, type TestedSeries } from '../../../src/drift/tick-findings.ts';
import { autoregression } from '../../support/autoregression.ts';

const SEASON = 168;

describe('independence', () => {
  it('is near one where values are independent, and (1 − φ)/(1 + φ) for an AR(1)', () => {
    const random = seededRandom('independence');
    const length = 20_000;
    expect(independence(autoregression(random, { length, phi: 0 }), SEASON)).toBeGreaterThan(0.9);
    for (const phi of [0.5, 0.8]) {
      const share = independence(autoregression(random, { length, phi }), SEASON);
      expect(share).toBeCloseTo((1 - phi) / (1 + phi), 1);
    }
  });

  it('is one for values that alternate or never vary, and reads gaps as the mean', () => {
    expect(
      independence(
        Float64Array.from({ length: 100 }, (_, i) => i % 2),
        SEASON,
      ),
    ).toBe(1);
    expect(independence(new Float64Array(50), SEASON)).toBe(1);
    expect(independence(Float64Array.of(Number.NaN, Number.NaN), SEASON)).toBe(1);
    const gaps = Float64Array.of(1, Number.NaN, 1, -1, -1);
    expect(independence(gaps, SEASON)).toBe(independence(Float64Array.of(1, 0, 1, -1, -1), SEASON));
  });

  it('sums autocorrelations in pairs and stops at the first negative one', () => {
    // Deviations −1.5, −0.5, 0.5, 1.5: ρ₁ = 0.25, ρ₂ = −0.3, so the first pair ends the sum.
    expect(independence(Float64Array.of(1, 2, 3, 4), 4)).toBe(1);
    // With the season at 2 only ρ₁ is summed.
    expect(independence(Float64Array.of(1, 2, 3, 4), 2)).toBeCloseTo(1 / 1.5, 12);
  });
});

describe('shiftTest', () => {
  const test = (reference: Float64Array, recent: Float64Array) =>
    shiftTest(reference, recent, referenceIndependence(reference, SEASON));

  it('reports a shift in deviations of the reference, and the loss of both windows', () => {
    const random = seededRandom('shift');
    const reference = autoregression(random, { length: 1_680, phi: 0 });
    const recent = autoregression(random, { length: 168, phi: 0 }).map((error) => error + 2);
    const found = test(reference, recent);
    expect(found.effectSize).toBeCloseTo(2, 0);
    expect(found.pValue).toBeLessThan(1e-9);
    expect(found.lossPValue).toBeLessThan(1e-9);
    expect(found.reference.loss).toBeCloseTo(0.8, 1);
    expect(found.recent).toMatchObject({ count: 168 });
    expect(found.recent.loss).toBeCloseTo(2, 0);
  });

  it('sees a model that has become better as changed, not as worse', () => {
    const random = seededRandom('better');
    const reference = autoregression(random, { length: 1_680, phi: 0 }).map((error) => error + 3);
    const found = test(reference, autoregression(random, { length: 168, phi: 0 }));
    expect(found.pValue).toBeLessThan(1e-9);
    expect(found.lossPValue).toBeGreaterThan(0.999);
  });

  it('counts correlated errors as the few that they are worth', () => {
    const random = seededRandom('few');
    const reference = autoregression(random, { length: 1_680, phi: 0.98 });
    const found = test(reference, autoregression(random, { length: 168, phi: 0.98 }));
    expect(found.effectiveSize).toBeLessThan(20);
  });

  it('leaves missing errors out', () => {
    const reference = Float64Array.of(1, 2, Number.NaN, 3, 4);
    const found = test(reference, Float64Array.of(Number.NaN, 2, 3));
    expect(found.reference).toEqual({ count: 4, mean: 2.5, loss: 2.5 });
    expect(found.recent).toEqual({ count: 2, mean: 2.5, loss: 2.5 });
  });

  it('calls a shift from a constant infinite in all but name', () => {
    const found = test(new Float64Array(20), new Float64Array(10).fill(1));
    expect(found).toMatchObject({ statistic: 1, effectSize: Number.MAX_SAFE_INTEGER });
    expect(test(new Float64Array(20), new Float64Array(10))).toMatchObject({ effectSize: 0 });
  });
});

describe('benjaminiHochberg', () => {
  it("equals scipy's false_discovery_control on the example of the paper", () => {
    const p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459];
    const rest = [0.324, 0.4262, 0.5719, 0.6528, 0.759, 1];
    const corrected = benjaminiHochberg([...rest, ...p]);
    // Benjamini and Hochberg reject exactly the four smallest at q = 0.05.
    expect(corrected.filter((value) => value <= 0.05)).toHaveLength(4);
    expect(corrected[6]).toBeCloseTo(0.0015, 12);
    expect(corrected[9]).toBeCloseTo((0.0095 * 15) / 4, 12);
    // 0.0298 · 15/7 is below 0.0278 · 15/6, so the smaller one takes its value.
    expect(corrected[11]).toBeCloseTo((0.0298 * 15) / 7, 12);
    expect(corrected[5]).toBe(1);
    expect(benjaminiHochberg([])).toEqual([]);
  });
});

describe('tickFindings', () => {
  const tested = (given: Partial<TestedSeries> = {}): TestedSeries => ({
    statistic: 0.5,
    pValue: 1e-6,
    effectSize: -0.5,
    referenceLoss: 1,
    recentLoss: 1.05,
    lossPValue: 0.01,
    ...given,
  });
  const quiet = tested({ pValue: 0.5, statistic: 0.05 });

  it.each([
    ['significant and large', {}, true],
    ['not significant', { pValue: 0.06 }, false],
    ['too near', { statistic: 0.09 }, false],
    ['of nearly the same mean and loss', { effectSize: 0.09 }, false],
    ['of the same mean and a greater loss', { effectSize: 0, recentLoss: 1.1 }, true],
    ['of the same mean and a lesser loss', { effectSize: 0, recentLoss: 0.89 }, true],
  ])('flags a series that is %s: %o', (_name, given, isFlagged) => {
    expect(tickFindings([tested(given)]).series[0]).toMatchObject({ isFlagged, isWorse: true });
  });

  it('corrects for the number of series', () => {
    const many = Array.from({ length: 99 }, () => quiet);
    expect(tickFindings([tested({ pValue: 0.001 }), ...many]).flaggedCount).toBe(0);
    expect(tickFindings([tested({ pValue: 0.0004 }), ...many]).flaggedCount).toBe(1);
  });

  it('calls more than a fifth of all series at once a global incident, and three at least', () => {
    const of = (flagged: number, rest: number) =>
      tickFindings([
        ...Array.from({ length: flagged }, () => tested()),
        ...Array.from({ length: rest }, () => quiet),
      ]).isGlobal;
    expect([of(2, 0), of(3, 0), of(3, 11), of(3, 12), of(20, 80), of(21, 79)]).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('calls a global incident worse when most flagged series are', () => {
    const worse = tested();
    const same = tested({ lossPValue: 0.5 });
    expect(tickFindings([worse, worse, same]).isGloballyWorse).toBe(true);
    expect(tickFindings([worse, same]).isGloballyWorse).toBe(false);
  });
});
