import {
  openOnnxRuntime,
  type OnnxArtifact,
  type OnnxRuntime,
} from '../models/onnx/onnx-forecaster.ts';
import type { Forecaster } from '../models/forecaster.ts';

/**
 * A runtime whose threads start with the first model. A command that fails before has none, and one
 * that fails while a model is opened waits for that: a thread that is ended while it loads its
 * native library takes the whole process along.
 */
export const lazyOnnxRuntime = (
  options: { readonly workers: number },
  open: typeof openOnnxRuntime = openOnnxRuntime,
): OnnxRuntime => {
  let runtime: OnnxRuntime | undefined;
  const opening = new Set<Promise<Forecaster>>();
  return {
    async open(artifact: OnnxArtifact) {
      runtime ??= open(options);
      const model = runtime.open(artifact);
      opening.add(model);
      try {
        return await model;
      } finally {
        opening.delete(model);
      }
    },
    async close() {
      await Promise.allSettled(opening);
      await runtime?.close();
    },
  };
};
