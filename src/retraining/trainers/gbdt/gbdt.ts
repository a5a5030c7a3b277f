import { treeGraph } from '../../../models/onnx/tree-graph.ts';
import type { Trainer } from '../../trainer.ts';
import { candidateOf, rowsOf } from '../candidate-of.ts';
import { fitOnThread } from '../fit-on-thread.ts';
import type { GbdtFit, GbdtInput, GbdtOptions } from './gbdt-fit.ts';

/**
 * Trains one global ensemble of regression trees for all steps on the features of the linear model,
 * and exports it as ONNX.
 */
export const gbdtTrainer = (options: GbdtOptions = {}): Trainer => ({
  name: 'gbdt',
  train: async (input, signal) => {
    const rows = rowsOf(input);
    const worker = { beside: import.meta.url, name: 'gbdt-worker' };
    const { onProgress, seed } = input;
    const { model, rows: rowCount } = await fitOnThread<GbdtInput, GbdtOptions, GbdtFit>(
      { worker, input: { ...rows, seed }, options, onProgress },
      signal,
    );
    const write = (metadata: ReadonlyMap<string, string>): Uint8Array => treeGraph(model, metadata);
    return candidateOf({ trainer: 'gbdt', input, rows, rowCount, write });
  },
});
