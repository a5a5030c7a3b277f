import { metadataEntries } from '../../src/models/artifact.ts';
import { linearDesign } from '../../src/models/linear-design.ts';
import { linearGraph } from '../../src/models/onnx/linear-graph.ts';
import type { FeatureSchema } from '../../src/schemas/feature-schema.ts';

/** An artifact of a linear model whose weights are all 0. */
export const zeroGraph = (featureSchema: FeatureSchema, horizon: number): Uint8Array => {
  const design = linearDesign(featureSchema);
  const model = {
    design,
    intercepts: new Float64Array(horizon),
    scalarWeights: new Float64Array(horizon * design.scalars.length),
    profileWeights: new Float64Array(horizon * design.profiles.length),
  };
  const metadata = metadataEntries({
    ...{ featureSchema, horizon, missing: 'nan' },
    ...{ strategy: 'direct', transform: 'none' },
  });
  return linearGraph(model, metadata);
};
