import { describe, expect, it } from 'vitest';
import { seededRandom, type SeededRandom } from '../../../src/core/random.ts';
import { foundSeasons } from '../../../src/evaluation/found-seasons.ts';
import type { SeriesHistory } from '../../../src/evaluation/history.ts';
import { seasonStrength, withoutLevel } from '../../../src/evaluation/season-strength.ts';

type Rule = (period: number, random: SeededRandom, before: number) => number;

interface Case {
  readonly usual: readonly number[];
  /** Series, and values of each. */
  readonly size: readonly [number, number];
  readonly rule: Rule;
  readonly seen: readonly number[];
}

const panel = (name: string, [count, length]: readonly [number, number], rule: Rule) =>
  Array.from({ length: count }, (_, index): SeriesHistory => {
    const random = seededRandom(`${name}/${index}`);
    let before = 0;
    const values = Float64Array.from({ length }, (_value, period) => {
      before = rule(period, random, before);
      return before;
    });
    return { seriesId: String(index), firstPeriod: 0, values };
  });

const wave = (period: number, season: number): number => Math.sin((2 * Math.PI * period) / season);
const day = (hour: number): number => 2 * wave(hour, 24);
const weekend = (period: number, week: number): number => (period % week > (5 / 7) * week ? 1 : 0);
const noise: Rule = (_period, random) => random.normal();
const walk: Rule = (_period, random, before) => before + random.normal();
const [hours, days, weeks, months] = [[24, 168], [7], [52], [12]] as const;

describe('the seasons of a panel', () => {
  it.each<[string, Case]>([
    ['a day', { usual: hours, size: [3, 2_000], rule: (t, r) => day(t) + r.normal(), seen: [24] }],
    [
      'a day and a week',
      {
        ...{ usual: hours, size: [3, 1_200], seen: hours },
        rule: (t, r) => day(t) + 2 * weekend(t, 168) + r.normal(),
      },
    ],
    [
      'half a day',
      { usual: hours, size: [3, 1_000], rule: (t, r) => wave(t, 12) + r.normal() / 2, seen: [24] },
    ],
    [
      'a week of days',
      { usual: days, size: [1, 80], rule: (t, r) => 3 * weekend(t, 7) + r.normal(), seen: days },
    ],
    [
      'a day that is two thirds night',
      {
        ...{ usual: hours, size: [5, 1_500], seen: [24] },
        rule: (t, r) => (t % 24 < 8 ? 10 + 3 * wave(t % 24, 16) + r.normal() : Number.NaN),
      },
    ],
    [
      'a faint week',
      { usual: days, size: [5, 300], rule: (t, r) => wave(t, 7) / 2 + r.normal(), seen: days },
    ],
    [
      'thirty days',
      { usual: days, size: [5, 400], rule: (t, r) => 2 * wave(t, 30) + r.normal(), seen: [30] },
    ],
    [
      'a year of weeks',
      { usual: weeks, size: [9, 300], rule: (t, r) => 2 * wave(t, 52) + r.normal(), seen: weeks },
    ],
    [
      'a year of months',
      {
        ...{ usual: months, size: [10, 60], seen: months },
        rule: (t, r) => 0.3 * t + 2 * wave(t, 12) + r.normal(),
      },
    ],
    [
      'five minutes',
      {
        ...{ usual: [288, 2_016], size: [2, 8_000], seen: [288] },
        rule: (t, r) => wave(t, 288) + r.normal() / 2,
      },
    ],
    [
      'what nothing is said of',
      { usual: [], size: [5, 300], rule: (t, r) => 2 * wave(t, 11) + r.normal(), seen: [11] },
    ],
    ['noise', { usual: days, size: [10, 300], rule: noise, seen: [] }],
    ['short noise', { usual: weeks, size: [20, 120], rule: noise, seen: [] }],
    ['random walks', { usual: days, size: [10, 500], rule: walk, seen: [] }],
    ['a trend', { usual: months, size: [9, 80], rule: (t, r) => 2 * t + r.normal(), seen: [] }],
    ['nothing ever', { usual: days, size: [3, 200], rule: () => 0, seen: [] }],
    ['events', { usual: days, size: [20, 200], rule: (_t, r) => Number(r.next() < 0.1), seen: [] }],
  ])('are seen in %s', (name, { usual, size, rule, seen }) => {
    const found = foundSeasons({ series: panel(name, size, rule), usual, horizon: 7 });
    expect(found).toEqual(seen);
  });

  it('are seen where a part of the series show them', () => {
    const weekly = panel('weekly', [3, 1_200], (t, r) => day(t) + 2 * weekend(t, 168) + r.normal());
    const daily = panel('daily', [9, 1_200], (t, r) => day(t) + r.normal());
    const found = foundSeasons({ series: [...daily, ...weekly], usual: hours, horizon: 24 });
    expect(found).toEqual([24, 168]);
  });

  it('leave out a long one that no model could have learnt yet', () => {
    const rule: Rule = (t, r) => day(t) + 2 * weekend(t, 168) + r.normal();
    const series = panel('young', [3, 500], rule);
    expect(foundSeasons({ series, usual: hours, horizon: 24 })).toEqual([24]);
  });

  it('are rarely seen in one random walk', () => {
    const seen = Array.from({ length: 100 }, (_, index) =>
      foundSeasons({ series: panel(`walk ${index}`, [1, 150], walk), usual: days, horizon: 7 }),
    );
    expect(seen.filter(({ length }) => length > 0).length).toBeLessThan(6);
  });

  it('are none of one value, of none, and of no series', () => {
    const series = panel('one', [1, 1], noise);
    const empty = [{ seriesId: 'none', firstPeriod: 0, values: new Float64Array(0) }];
    for (const some of [series, empty, []]) {
      expect(foundSeasons({ series: some, usual: days, horizon: 7 })).toEqual([]);
    }
  });
});

describe('the strength of a season', () => {
  const strength = (rule: Rule, length = 120): number => {
    const [{ values } = { values: new Float64Array(0) }] = panel('strength', [1, length], rule);
    return seasonStrength(withoutLevel(values, 12), 12);
  };

  it('is 1 for one that repeats itself, whatever its level does, and below 0 for noise', () => {
    expect(strength((t) => wave(t, 12))).toBeCloseTo(1, 10);
    expect(strength((t) => wave(t, 12) + 5 * t)).toBeCloseTo(1, 10);
    expect(strength(noise)).toBeLessThan(0);
  });

  it('counts what is there, and is not moved by one wild value', () => {
    const gaps: Rule = (t) => (t % 7 === 0 ? Number.NaN : wave(t, 12));
    expect(strength(gaps)).toBeGreaterThan(0.9);
    expect(strength((t) => (t === 50 ? 1_000 : wave(t, 12)))).toBeGreaterThan(-0.2);
    expect(strength(() => 3)).toBeNaN();
  });
});
