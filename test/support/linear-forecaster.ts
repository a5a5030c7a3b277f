import type { Fit } from '../../src/evaluation/backtest.ts';
import type { Forecaster } from '../../src/models/forecaster.ts';
import { LinearInputs, linearMeans, type LinearModel } from '../../src/models/linear-model.ts';
import { tellMeans } from '../oracles/told-means.ts';
import { fitRidge } from '../../src/retraining/trainers/ridge-fit.ts';

/** A linear model in plain steps, on the caller's thread. */
export const linearForecaster = (model: LinearModel, schemaHash = ''): Forecaster => {
  const { horizon, width } = model.design;
  const inputs = new LinearInputs(model.design);
  return {
    identity: { name: 'ridge', version: '1', sha256: '' },
    schemaHash,
    horizon,
    strategy: 'direct',
    predict: async (rows, count) => {
      const means = new Float64Array(count * horizon);
      for (let row = 0; row < count; row += 1) {
        inputs.read(rows, row * width);
        const out = means.subarray(row * horizon, (row + 1) * horizon);
        const place = { row: rows, at: row * width, out };
        linearMeans(model, inputs, place);
        tellMeans(model.design, place);
      }
      return means;
    },
    close: () => Promise.resolve(),
  };
};

/** A ridge fitted on the caller's thread; null without a single row. */
export const plainRidge: Fit = async ({ featureSchema, panel, fromPeriod, toPeriod }) => {
  const input = { ...panel, featureSchema, fromPeriod, toPeriod };
  const { model, rows } = fitRidge(input, {});
  return rows === 0 ? null : { forecaster: linearForecaster(model) };
};
