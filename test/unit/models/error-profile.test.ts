import { describe, expect, it } from 'vitest';
import { errorsIn, METADATA } from '../../../src/models/artifact.ts';
import {
  parseProfile,
  profileText,
  quantileAt,
  type ErrorProfile,
} from '../../../src/models/error-profile.ts';
import { IntervalCalibration } from '../../../src/models/interval-calibration.ts';
import { startOf } from '../../../src/models/interval-start.ts';
import { hourlySchema } from '../../support/hourly-schema.ts';

const schema = hourlySchema();
const profile: ErrorProfile = {
  buckets: [1, 6, 12, 24],
  levels: [50, 90, 99],
  quantiles: [1, 2, 3, 4].map((bucket) => [0.5 * bucket, bucket, 3 * bucket]),
  sigma: Array.from({ length: 24 }, (_, slot) => [1, 2, 3, 4].map((bucket) => bucket * (slot + 1))),
};

describe('what is known of a model’s errors', () => {
  it('comes back as it was written, to four digits', () => {
    expect(parseProfile(profileText(profile), schema)).toEqual(profile);
    const third = { ...profile, sigma: profile.sigma.map((row) => row.map(() => 1 / 3)) };
    expect(parseProfile(profileText(third), schema).sigma[0]).toEqual([
      ...[0.3333, 0.3333, 0.3333, 0.3333],
    ]);
  });

  it('may be absent', () => {
    expect(errorsIn(new Map(), schema)).toBeUndefined();
    expect(errorsIn(new Map([[METADATA.errors, profileText(profile)]]), schema)).toEqual(profile);
  });

  it.each<[string, unknown]>([
    ['no JSON object', 'half'],
    ['"buckets" must be [1,6,12,24]', { ...profile, buckets: [1, 24] }],
    ['"levels" must be', { ...profile, levels: [90, 50, 99] }],
    ['"levels" must be', { ...profile, levels: [50, 90, 100] }],
    ['"quantiles" must be 4', { ...profile, quantiles: profile.quantiles.slice(1) }],
    ['"quantiles" must be 4', { ...profile, quantiles: profile.quantiles.map(() => [3, 2, 1]) }],
    ['"sigma" must be 24', { ...profile, sigma: profile.sigma.map(() => [1, 2, 3]) }],
    ['"sigma" must be 24', { ...profile, sigma: profile.sigma.map(() => [1, 2, 3, 0]) }],
  ])('is refused where it says %s', (why, said) => {
    const text = typeof said === 'string' ? said : JSON.stringify(said);
    expect(() => parseProfile(text, schema)).toThrow(why);
  });

  it('lies between its levels as exponential errors would, and beyond them in proportion', () => {
    const exponential = (percent: number): number => -Math.log(1 - percent / 100);
    const exact = { levels: [50, 99], quantiles: [[exponential(50), exponential(99)]] };
    for (const percent of [20, 50, 80, 95, 99, 99.9]) {
      expect(quantileAt(exact, 0, percent)).toBeCloseTo(exponential(percent), 12);
    }
    expect(quantileAt(profile, 1, 90)).toBe(2);
  });

  it('is where intervals begin, in the unit of a series', () => {
    const calibration = new IntervalCalibration({
      ...{ season: 24, horizon: 24, levels: [90], slots: 24 },
    });
    calibration.seek(new Float64Array(calibration.words)).startFrom(startOf(profile, [90]), 10);
    expect(calibration.half(1, 0, 0)).toBe(1 * 1 * 10);
    expect(calibration.half(24, 7, 0)).toBe(4 * 4 * 8 * 10);
  });

  it('counts half where another model spoke before', () => {
    const calibration = new IntervalCalibration({
      ...{ season: 24, horizon: 24, levels: [90], slots: 24 },
    });
    const double = { ...profile, sigma: profile.sigma.map((row) => row.map((one) => 3 * one)) };
    calibration.seek(new Float64Array(calibration.words)).startFrom(startOf(profile, [90]));
    calibration.meet(startOf(double, [90]), 1);
    expect(calibration.half(24, 7, 0)).toBeCloseTo(2 * 4 * 4 * 8, 9);
  });
});
