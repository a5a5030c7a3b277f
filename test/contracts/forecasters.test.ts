import { openOnnxForecaster } from '../../src/models/onnx/onnx-forecaster.ts';
import { linearGraph } from '../../src/models/onnx/linear-graph.ts';
import { metadataEntries } from '../../src/models/artifact.ts';
import { fitRidge, type RidgeFit } from '../../src/retraining/trainers/ridge-fit.ts';
import { featureSchemaHash } from '../../src/schemas/feature-schema.ts';
import { HORIZON, hourlySchema } from '../support/hourly-schema.ts';
import { linearForecaster } from '../support/linear-forecaster.ts';
import { forecasterContract } from './forecaster-contract.ts';

const schema = hourlySchema();

const fittedModel = (): RidgeFit['model'] => {
  const values = Float64Array.from(
    { length: 1_500 },
    (_, hour) => 20 + 10 * Math.sin((2 * Math.PI * hour) / 24) + ((hour * 7_919) % 13),
  );
  const series = [{ seriesId: 'a', firstPeriod: 0, values }];
  const input = { featureSchema: schema, series, holidays: null, fromPeriod: 0, toPeriod: 1_500 };
  return fitRidge(input, {}).model;
};

forecasterContract('a linear model through ONNX', async () => {
  const model = fittedModel();
  const metadata = metadataEntries({
    featureSchema: schema,
    horizon: HORIZON,
    strategy: 'direct',
    transform: 'none',
    missing: 'nan',
  });
  const artifact = linearGraph(model, metadata);
  const forecaster = await openOnnxForecaster({ artifact, name: 'm', version: '1', workers: 2 });
  return { forecaster, width: model.design.width };
});

forecasterContract('a linear model in plain steps', async () => {
  const model = fittedModel();
  return {
    forecaster: linearForecaster(model, featureSchemaHash(schema)),
    width: model.design.width,
  };
});
