import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { workerFile } from '../../core/worker-file.ts';
import { TrainingError } from '../errors.ts';

/** What the function of a worker file is called with. */
export interface FitTask<Input, Options> {
  readonly input: Input;
  readonly options: Options;
  /** Gets the share that is done, 0..1. */
  readonly progress: MessagePort;
}

export interface FitCall<Input, Options> {
  /** The worker file, as its caller's `import.meta.url` and its bare name. */
  readonly worker: { readonly beside: string; readonly name: string };
  readonly input: Input;
  readonly options: Options;
  readonly onProgress: ((share: number) => void) | undefined;
}

/**
 * Fits on a thread of its own, so that the caller goes on polling and beating. `Fit` is what the
 * worker file's function returns: class instances do not survive the way back.
 * @throws TrainingError
 */
export const fitOnThread = async <Input, Options, Fit>(
  { worker, input, options, onProgress }: FitCall<Input, Options>,
  signal: AbortSignal,
): Promise<Fit> => {
  const pool = new Piscina({
    ...workerFile(worker.beside, worker.name),
    minThreads: 1,
    maxThreads: 1,
  });
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (share: number) => {
    onProgress?.(share);
  });
  const task: FitTask<Input, Options> = { input, options, progress: port2 };
  try {
    // By the contract of the file that is named.
    const fit = (await pool.run(task, { transferList: [port2], signal })) as Fit;
    onProgress?.(1);
    return fit;
  } catch (cause) {
    if (!signal.aborted) {
      throw new TrainingError('TRAINING_FAILED', `Training failed: ${String(cause)}`, { cause });
    }
    throw new TrainingError(
      'TRAINING_ABORTED',
      'Training was stopped before its end; it starts again with its request',
      { cause, retriable: true },
    );
  } finally {
    port1.close();
    await pool.destroy();
  }
};
