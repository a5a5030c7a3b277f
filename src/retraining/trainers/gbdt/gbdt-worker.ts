import type { FitTask } from '../fit-on-thread.ts';
import { fitGbdt, type GbdtFit, type GbdtInput, type GbdtOptions } from './gbdt-fit.ts';

/** `fitGbdt` on a thread of its own. */
const gbdtWorker = ({ input, options, progress }: FitTask<GbdtInput, GbdtOptions>): GbdtFit => {
  const fit = fitGbdt(input, options, (share) => progress.postMessage(share));
  progress.close();
  return fit;
};

// Piscina calls a worker file's default export.
// eslint-disable-next-line no-restricted-syntax
export default gbdtWorker;
