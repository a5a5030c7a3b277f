import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { ErrorSpread } from '../../../src/evaluation/error-spread.ts';
import { quantileAt } from '../../../src/models/error-profile.ts';
import { startOf } from '../../../src/models/interval-start.ts';

const shape = { seasons: [24, 168], horizon: 24 };
const COUNT = 40_000;

describe('the spread of errors', () => {
  it('has σ by slot and bucket, and quantiles over all slots of |error| / σ', () => {
    const random = seededRandom('spread');
    const spread = new ErrorSpread(shape);
    // Normal errors: by the hour of the target from 1/12 to 2, twice that for the last half day.
    for (let index = 0; index < COUNT; index += 1) {
      for (const step of [1, 3, 9, 20]) {
        const sd = ((1 + (index % 24)) / 12) * (step > 12 ? 2 : 1);
        spread.add(index, step, Math.abs(random.normal()) * sd);
      }
    }
    const profile = spread.profile();
    expect(profile?.buckets).toEqual([1, 6, 12, 24]);
    const mean = Math.sqrt(2 / Math.PI);
    const shares = (profile?.sigma ?? []).flatMap((sigmas, slot) =>
      sigmas.map((sigma, bucket) => sigma / (mean * ((1 + slot) / 12) * (bucket === 3 ? 2 : 1))),
    );
    expect(shares).toHaveLength(24 * 4);
    expect(Math.min(...shares)).toBeGreaterThan(0.93);
    expect(Math.max(...shares)).toBeLessThan(1.12);
    // Of |normal| over its mean, by tables: 1.2816 and 1.96 over .7979.
    for (const bucket of [0, 1, 2, 3]) {
      expect(profile && quantileAt(profile, bucket, 80)).toBeCloseTo(1.606, 1);
      expect(profile && quantileAt(profile, bucket, 95)).toBeCloseTo(2.456, 1);
    }
  });

  it('is the same in whatever order errors come, and of targets before 1970 too', () => {
    const errors = Array.from(
      { length: 500 },
      (_, index) => [index - 300, 1 + (index % 24)] as const,
    );
    const of = (list: typeof errors) => {
      const spread = new ErrorSpread(shape);
      for (const [target, step] of list) spread.add(target, step, 1 + (step % 5));
      return spread.profile();
    };
    expect(of([...errors].reverse())).toEqual(of(errors));
  });

  it('is of no use where a bucket has no error', () => {
    const spread = new ErrorSpread(shape);
    for (let target = 0; target < 48; target += 1) spread.add(target, 1, 1);
    expect(spread.profile()).toBeUndefined();
  });

  it('has no σ of 0 for a model that is never off', () => {
    const spread = new ErrorSpread(shape);
    for (let index = 0; index < 480; index += 1) spread.add(index, 1 + (index % 24), 0);
    const profile = spread.profile();
    expect(profile?.sigma.flat().every((sigma) => sigma > 0)).toBe(true);
    expect(profile?.quantiles.flat().every(Number.isFinite)).toBe(true);
  });

  it('lets no series that wakes say where all others begin', () => {
    const of = (wakers: number) => {
      const random = seededRandom('wakers');
      const spread = new ErrorSpread(shape);
      for (let series = 0; series < 60 - wakers; series += 1) {
        for (let target = 0; target < 672; target += 1) {
          for (let step = 1 + (target % 5); step <= 24; step += 5) {
            spread.add(target, step, Math.abs(random.normal()));
          }
        }
      }
      for (let target = 300; target < 324 * wakers; target += 1) {
        for (let step = 1 + (target % 5); step <= 24; step += 5) spread.add(target, step, 1e6);
      }
      return spread.profile();
    };
    const [calm, woken] = [of(0), of(1)];
    const usual = calm?.sigma.flat() ?? [];
    const shares = (woken?.sigma.flat() ?? []).map((sigma, at) => sigma / Number(usual[at]));
    expect(shares).toHaveLength(24 * 4);
    expect(Math.max(...shares)).toBeLessThan(1.2);
    const start = woken && startOf(woken, [80, 95]);
    expect(start?.meanError).toBeCloseTo(0.8, 1);
    expect(start?.quantiles[0]).toBeCloseTo(1.606, 0);
    expect(start?.quantiles[1]).toBeCloseTo(2.456, 0);
  });
});
