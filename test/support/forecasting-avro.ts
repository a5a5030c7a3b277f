import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import {
  decisionType,
  featureVectorType,
  forecastType,
  lateObservationType,
  modelEventType,
  observationType,
  scoreType,
} from '../../src/schemas/value-types.ts';
import type { PlainSerdes } from './forecasting-driver.ts';

/** The serdes of the real topics, over a registry of their own. */
export const avroSerdes = async (): Promise<PlainSerdes> => {
  const registry = new MemorySchemaRegistry();
  return {
    observation: await openSerde(registry, 's.observations', observationType),
    modelEvent: await openSerde(registry, 'models', modelEventType),
    features: await openSerde(registry, 's.features', featureVectorType),
    forecast: await openSerde(registry, 's.forecasts', forecastType),
    score: await openSerde(registry, 's.scores', scoreType),
    late: await openSerde(registry, 's.late', lateObservationType),
    decision: await openSerde(registry, 's.decisions', decisionType),
  };
};
