import * as fc from 'fast-check';
import type { FeatureVector } from '../../../src/schemas/feature-vector.ts';
import type { Forecast, ModelRef, SourceOffset } from '../../../src/schemas/forecast.ts';
import type { LateObservation } from '../../../src/schemas/late-observation.ts';
import type { Observation } from '../../../src/schemas/observation.ts';
import type { Score } from '../../../src/schemas/score.ts';
import type { StateBlock } from '../../../src/schemas/state-block.ts';
import {
  bytes,
  dictionary,
  double,
  doubles,
  float,
  floats,
  int,
  long,
  text,
  texts,
  time,
} from './arbitrary-values.ts';

export const modelRef: fc.Arbitrary<ModelRef> = fc.record({
  name: text,
  version: text,
  sha256: text,
  role: fc.constantFrom('champion', 'shadow', 'fallback'),
});
export const source: fc.Arbitrary<SourceOffset> = fc.record({
  topic: text,
  partition: int,
  offset: long,
});

export const observation: fc.Arbitrary<Observation> = fc.record({
  seriesId: text,
  eventTime: time,
  value: fc.option(double),
  attributes: dictionary(text),
});

export const featureVector: fc.Arbitrary<FeatureVector> = fc.record({
  seriesId: text,
  origin: time,
  schemaHash: text,
  values: doubles,
});

export const forecast: fc.Arbitrary<Forecast> = fc.record({
  forecastId: text,
  seriesId: text,
  origin: time,
  frequency: text,
  horizon: int,
  mean: doubles,
  intervals: fc.array(fc.record({ level: double, lower: floats, upper: floats }), { maxLength: 3 }),
  model: modelRef,
  schemaHash: text,
  strategy: text,
  source,
  trigger: fc.constantFrom('observation', 'schedule', 'request'),
  generatedAt: time,
});

export const score: fc.Arbitrary<Score> = fc.record({
  seriesId: text,
  target: time,
  actual: double,
  revision: int,
  supersededActual: fc.option(double),
  model: modelRef,
  levels: doubles,
  naiveNames: texts,
  steps: fc.array(
    fc.record({
      step: int,
      mean: double,
      lower: floats,
      upper: floats,
      naive: floats,
      scale: float,
    }),
    { maxLength: 6 },
  ),
});

export const lateObservation: fc.Arbitrary<LateObservation> = fc.record({
  observation,
  watermark: time,
  source,
});

export const stateBlock: fc.Arbitrary<StateBlock> = fc.record({ data: bytes });
