import type { FitTask } from './fit-on-thread.ts';
import { fitRidge, type RidgeFit, type RidgeOptions } from './ridge-fit.ts';
import type { RowsInput } from './training-rows.ts';

/** `fitRidge` on a thread of its own. */
const ridgeWorker = ({ input, options, progress }: FitTask<RowsInput, RidgeOptions>): RidgeFit => {
  const { length } = input.series;
  const fit = fitRidge(input, options, (count) => progress.postMessage(count / length));
  progress.close();
  return fit;
};

// Piscina calls a worker file's default export.
// eslint-disable-next-line no-restricted-syntax
export default ridgeWorker;
