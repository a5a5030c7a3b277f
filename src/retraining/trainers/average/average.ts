import { assert } from '../../../core/assert.ts';
import { averageGraph } from '../../../models/onnx/average-graph.ts';
import type { Trainer } from '../../trainer.ts';
import { candidateOf, rowsOf } from '../candidate-of.ts';
import { fitOnThread } from '../fit-on-thread.ts';
import type { Averaged, AverageFit, AverageInput, AverageOptions } from './average-fit.ts';

const writer =
  ({ members, effects }: Averaged) =>
  (metadata: ReadonlyMap<string, string>): Uint8Array => {
    const [first, ...others] = members;
    assert(first !== undefined, 'an average has no members');
    return averageGraph({ members: [first, ...others], effects }, metadata);
  };

/**
 * Trains a linear model and trees that learn the target in several terms, keeps those whose mean
 * forecast best what the others had not seen, and exports that mean as one ONNX graph.
 */
export const averageTrainer = (options: AverageOptions = {}): Trainer => ({
  name: 'average',
  train: async (input, signal) => {
    const rows = rowsOf(input);
    const worker = { beside: import.meta.url, name: 'average-worker' };
    const { onProgress, seed } = input;
    const fit = await fitOnThread<AverageInput, AverageOptions, AverageFit>(
      { worker, input: { ...rows, seed }, options, onProgress },
      signal,
    );
    const { names, heldBack, comparison, rows: rowCount } = fit;
    return candidateOf({
      ...{ trainer: 'average', input, rows, rowCount, write: writer(fit) },
      ...{ members: names, comparison },
      heldBack: heldBack && { ...heldBack, write: writer(heldBack) },
    });
  },
});
