import type { MessagePort } from 'node:worker_threads';
import { fitRidge, type RidgeFit, type RidgeOptions } from './ridge-fit.ts';
import type { RowsInput } from './training-rows.ts';

export interface RidgeTask {
  readonly input: RowsInput;
  readonly options: RidgeOptions;
  /** Gets the number of series done. */
  readonly progress: MessagePort;
}

/** `fitRidge` on a thread of its own, so that its caller goes on polling and beating. */
const ridgeWorker = ({ input, options, progress }: RidgeTask): RidgeFit => {
  const fit = fitRidge(input, options, (seriesCount) => progress.postMessage(seriesCount));
  progress.close();
  return fit;
};

// Piscina calls a worker file's default export.
// eslint-disable-next-line no-restricted-syntax
export default ridgeWorker;
