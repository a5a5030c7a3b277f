import { systemClock } from '../../../core/clock.ts';
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
  const monotonic = (): number => systemClock.monotonic();
  const report = (share: number): void => progress.postMessage(share);
  const fit = fitAverage(input, options, { report, monotonic });
  progress.close();
  return fit;
};

// Piscina calls a worker file's default export.
// eslint-disable-next-line no-restricted-syntax
export default averageWorker;
