import { linearGraph } from '../../models/onnx/linear-graph.ts';
import type { Trainer } from '../trainer.ts';
import { candidateOf, rowsOf } from './candidate-of.ts';
import { fitOnThread } from './fit-on-thread.ts';
import type { RidgeFit, RidgeOptions } from './ridge-fit.ts';
import type { RowsInput } from './training-rows.ts';

export interface RidgeTrainerOptions extends RidgeOptions {
  readonly stride?: number;
}

/**
 * Trains one global ridge regression a step on relative features and exports it as ONNX. With more
 * than 30 million values it learns from a sample of the series.
 */
export const ridgeTrainer = ({ stride, ...options }: RidgeTrainerOptions = {}): Trainer => ({
  name: 'ridge',
  train: async (input, signal) => {
    const rows: RowsInput = { ...rowsOf(input), ...(stride === undefined ? {} : { stride }) };
    const worker = { beside: import.meta.url, name: 'ridge-worker' };
    const { onProgress } = input;
    const { model, rows: rowCount } = await fitOnThread<RowsInput, RidgeOptions, RidgeFit>(
      { worker, input: rows, options, onProgress },
      signal,
    );
    const write = (metadata: ReadonlyMap<string, string>): Uint8Array =>
      linearGraph(model, metadata);
    return candidateOf({ trainer: 'ridge', input, rows, rowCount, write });
  },
});
