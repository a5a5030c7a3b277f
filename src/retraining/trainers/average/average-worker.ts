import type { FitTask } from '../fit-on-thread.ts';
import {
  fitAverage,
  type AverageFit,
  type AverageInput,
  type AverageOptions,
} from './average-fit.ts';

/** `fitAverage` on a thread of its own. */
const averageWorker = ({
  input,
  options,
  progress,
}: FitTask<AverageInput, AverageOptions>): AverageFit => {
  const fit = fitAverage(input, options, (share) => progress.postMessage(share));
  progress.close();
  return fit;
};

// Piscina calls a worker file's default export.
// eslint-disable-next-line no-restricted-syntax
export default averageWorker;
