import { describe, expect, it } from 'vitest';
import { historyNeeded, type SeriesHistory } from '../../../src/evaluation/history.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import {
  judge,
  judgingSlice,
  type Judged,
  type JudgedForecaster,
} from '../../../src/retraining/judge.ts';
import { promotionGate, type Judgement } from '../../../src/retraining/promotion-gate.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';
import { HORIZON, hourlySchema } from '../../support/hourly-schema.ts';

const { signal } = new AbortController();
const LENGTH = 2_000;
const schema = hourlySchema();

/** Says the same number always; its rows must be as wide as its schema wants. */
const constant = (name: string, value: number, featureSchema = schema): JudgedForecaster => {
  const { horizon } = featureSchema;
  const width = featureSchema.terms.reduce(
    (sum, { kind }) => sum + (kind === 'profile' ? horizon : 1),
    0,
  );
  const forecaster: Forecaster = {
    identity: { name, version: '1', sha256: '' },
    schemaHash: '',
    horizon,
    strategy: 'direct',
    predict: async (rows, count) => {
      expect(rows).toHaveLength(count * width);
      return new Float64Array(count * horizon).fill(value);
    },
    close: () => Promise.resolve(),
  };
  return { forecaster, featureSchema };
};

const flat = (seriesId: string, firstPeriod = 0): SeriesHistory => ({
  seriesId,
  firstPeriod,
  // Up and down by 2 from day to day, so that the scale is 2.
  values: Float64Array.from({ length: LENGTH - firstPeriod }, (_, hour) =>
    Math.floor((hour + firstPeriod) / 24) % 2 === 0 ? 9 : 11,
  ),
});

const input = (series: readonly SeriesHistory[], champion: JudgedForecaster | null = null) => ({
  panel: { series, holidays: null },
  toPeriod: LENGTH,
  candidate: constant('candidate', 10),
  champion,
});

describe('the judge', () => {
  it('gives each target time the mean loss of all steps in units of the scale', async () => {
    const judgement = await judge(input([flat('a'), flat('b')], constant('champion', 12)), signal);
    const { candidate, champion, naive, targets, pairs, excluded } = judgement;
    const { from, to } = judgingSlice(schema, { toPeriod: LENGTH });
    expect([...targets]).toEqual(Array.from({ length: to - from }, (_, index) => from + index));
    expect(candidate.losses.every((loss) => Math.abs(loss - 0.5) < 1e-12)).toBe(true);
    expect(candidate.name).toBe('candidate');
    expect(candidate.wape).toBeCloseTo(0.1, 2);
    expect(candidate.bias).toBeCloseTo(0, 2);
    expect(champion?.bias).toBeCloseTo(0.2, 2);
    expect(naive.map(({ name }) => name)).toEqual(['naive-24', 'naive-168', 'slot-mean']);
    // A day ago it was the other value, a week ago too.
    expect(naive.map(({ wape }) => Number(wape?.toFixed(2)))).toEqual([0.2, 0.2, 0.1]);
    expect(excluded).toBe(0);
    expect(pairs).toBeGreaterThan(2 * 134 * 20);
  });

  it.each([1, 2, 3, 4, 5, 7])('judges every target time with a horizon of %i', async (horizon) => {
    const short = hourlySchema(horizon);
    const candidate = constant('candidate', 10, short);
    const { targets } = await judge({ ...input([flat('a')]), candidate }, signal);
    const { from, to } = judgingSlice(short, { toPeriod: LENGTH });
    expect([...targets]).toEqual(Array.from({ length: to - from }, (_, index) => from + index));
  });

  it.each([
    [
      'what the gate wants of a window that is long enough',
      { window: 4 * 672, periods: 0, judged: 672 },
    ],
    ['more where that is asked for', { window: 4 * 840, periods: 840, judged: 840 }],
    ['a quarter of a short one', { window: 1_000, periods: 840, judged: 250 }],
    ['three horizons, though a quarter is less', { window: 200, periods: 0, judged: 3 * HORIZON }],
    ['no more than half of a short one for that', { window: 100, periods: 0, judged: 50 }],
    ['a horizon at least', { window: 40, periods: 0, judged: HORIZON }],
  ])('judges %s', (_what, { window, judged, periods }) => {
    const span = { fromPeriod: LENGTH - window, toPeriod: LENGTH };
    const from = LENGTH - judged;
    expect(judgingSlice(schema, span, periods)).toEqual({
      ...{ fitUntil: from - HORIZON, from, to: LENGTH },
    });
  });

  it('judges three horizons where they are longer than what chance asks for', () => {
    const daily = { ...schema, seasons: [7], horizon: 90 };
    expect(judgingSlice(daily, { toPeriod: 4_000 })).toMatchObject({ from: 4_000 - 270 });
    const year = { fromPeriod: 4_000 - 365, toPeriod: 4_000 };
    expect(judgingSlice(daily, year)).toMatchObject({ from: 4_000 - 182 });
  });

  it('asks for half the targets of what it has to judge, since some may be missing', async () => {
    const short = { ...input([flat('a')]), fromPeriod: LENGTH - 1_000 };
    expect(await judge(short, signal)).toMatchObject({ targetsMin: 125 });
    const long = { ...input([flat('a')]), periods: 700 };
    expect(await judge(long, signal)).toMatchObject({ targetsMin: 336 });
  });

  it('leaves out series that are too young and missing actuals, and counts them', async () => {
    const { from } = judgingSlice(schema, { toPeriod: LENGTH });
    const young = flat('young', from - historyNeeded(schema.seasons) + 200);
    const calm = await judge(input([flat('a')]), signal);
    const both = await judge(input([flat('a'), young]), signal);
    expect(both.excluded).toBeGreaterThan(100 * HORIZON * 0.3);
    expect(both.pairs + both.excluded).toBe(2 * calm.pairs);
    const gap = flat('a');
    gap.values[LENGTH - 10] = Number.NaN;
    const gapped = await judge(input([gap]), signal);
    expect(gapped.targets).toHaveLength(calm.targets.length - 1);
    expect(gapped.excluded).toBeGreaterThan(0);
  });

  it('lets no series that wakes speak for all others, in the losses or in the errors', async () => {
    const { from } = judgingSlice(schema, { toPeriod: LENGTH });
    const series = Array.from({ length: 20 }, (_, index) => flat(`s${index}`));
    const woken = Float64Array.from({ length: LENGTH }, (_, hour) =>
      Math.floor((hour - from) / 24) === 0 ? 1e6 : 0,
    );
    const awake = [...series, { seriesId: 'waker', firstPeriod: 0, values: woken }];
    const [candidate, champion] = [constant('candidate', 11.4), constant('champion', 11.6)];
    const judged = await judge({ ...input(awake, champion), candidate }, signal);
    const calm = await judge({ ...input(series, champion), candidate }, signal);
    const against = (judgement: Judgement) =>
      promotionGate(judgement, { minImprovement: 0.05 }, 'seed').comparisons[0];
    expect(against(calm)?.improvement).toBeCloseTo(0.125, 3);
    expect(against(judged)?.improvement).toBeGreaterThan(0.11);
    expect(against(judged)?.test.pValue).toBeLessThan(0.05);
    expect(judged.candidate.bias).toBeCloseTo(Number(calm.candidate.bias), 1);
    const sigmas = ({ errors }: Judged) => (errors === undefined ? [] : errors.sigma.flat());
    const usual = sigmas(calm);
    const shares = sigmas(judged).map((sigma, at) => sigma / Number(usual[at]));
    expect(shares).toHaveLength(24 * 4);
    expect(Math.max(...shares)).toBeLessThan(1.5);
  });

  it('gives each model the rows of its own features', async () => {
    const other: FeatureSchema = { ...schema, terms: schema.terms.slice(0, -2) };
    const judgement = await judge(input([flat('a')], constant('champion', 10, other)), signal);
    expect(judgement.champion?.wape).toBeCloseTo(judgement.candidate.wape ?? 0, 12);
  });

  it('stops when it is told to', async () => {
    await expect(judge(input([flat('a')]), AbortSignal.abort())).rejects.toThrow('abort');
  });
});
