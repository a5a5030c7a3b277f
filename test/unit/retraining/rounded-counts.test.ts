import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import type { SeriesHistory } from '../../../src/evaluation/history.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import type { Forecaster } from '../../../src/models/forecaster.ts';
import { judge, judgingSlice, type JudgedForecaster } from '../../../src/retraining/judge.ts';
import { promotionGate } from '../../../src/retraining/promotion-gate.ts';
import { fitRidge } from '../../../src/retraining/trainers/ridge-fit.ts';
import { linearForecaster } from '../../support/linear-forecaster.ts';

const { signal } = new AbortController();
const DAYS = 400;
const featureSchema = defaultFeatures({
  ...{ frequency: '1d', timeZone: 'UTC', holidays: null, seasons: [7], horizon: 7 },
  ...{ lags: [], rolling: { windows: [], statistics: [] }, calendar: [] },
});

/** Knuth's way to numbers of Poisson's law. */
const poisson = (mean: number, seed: string): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: DAYS }, () => {
    let count = 0;
    for (let left = random.next(); left > Math.exp(-mean); left *= random.next()) count += 1;
    return count;
  });
};

const panelOf = (mean: number): readonly SeriesHistory[] =>
  Array.from({ length: 20 }, (_, index) => ({
    ...{ seriesId: `s${index}`, firstPeriod: 0 },
    values: poisson(mean, `${mean}/${index}`),
  }));

const ridgeOf = (series: readonly SeriesHistory[]): JudgedForecaster => {
  const { fitUntil: toPeriod } = judgingSlice(featureSchema, { toPeriod: DAYS });
  const { model } = fitRidge(
    { featureSchema, series, holidays: null, fromPeriod: 0, toPeriod },
    {},
  );
  return { forecaster: linearForecaster(model), featureSchema };
};

/** Says what another does, and that much more. */
const moreThan = ({ forecaster }: JudgedForecaster, more: number): JudgedForecaster => {
  const predict: Forecaster['predict'] = async (rows, count) =>
    (await forecaster.predict(rows, count)).map((value) => value + more);
  return { forecaster: { ...forecaster, predict }, featureSchema };
};

const biasOf = async (series: readonly SeriesHistory[], candidate: JudgedForecaster) => {
  const panel = { series, holidays: null };
  const judged = await judge({ panel, toPeriod: DAYS, candidate, champion: null }, signal);
  const verdict = promotionGate(judged, { minImprovement: 0.05 }, 'seed');
  return { ...verdict, bias: verdict.checks.find(({ name }) => name === '|bias|') };
};

describe('counts that are forecast in whole numbers', () => {
  it.each([0.3, 1.4])('of %d a day get a model, though rounding moves their mean', async (mean) => {
    const series = panelOf(mean);
    const { promote, reasons, bias } = await biasOf(series, ridgeOf(series));
    expect(bias?.value).toBeGreaterThan(0.02);
    expect([promote, reasons]).toEqual([true, []]);
  });

  it('are refused a model that is off by more than rounding is', async () => {
    for (const mean of [0.3, 1.4]) {
      const series = panelOf(mean);
      const { reasons } = await biasOf(series, moreThan(ridgeOf(series), 1));
      expect(reasons.some((reason) => reason.startsWith('|bias| is'))).toBe(true);
    }
  });

  it('leave no more room than others where a model does not round, or they are large', async () => {
    const series = panelOf(1.4);
    const fractions = await biasOf(series, moreThan(ridgeOf(series), 0.1));
    expect(fractions.bias).toMatchObject({ passed: false, limit: 0.02 });
    const many = panelOf(60);
    const { bias } = await biasOf(many, moreThan(ridgeOf(many), 3));
    expect(bias).toMatchObject({ passed: false, limit: 0.02 });
  });
});
