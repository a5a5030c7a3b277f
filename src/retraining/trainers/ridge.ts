import { createHash } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { historyNeeded } from '../../evaluation/history.ts';
import { metadataEntries } from '../../models/artifact.ts';
import { linearGraph } from '../../models/onnx/linear-graph.ts';
import { featureSchemaHash } from '../../schemas/feature-schema.ts';
import { TrainingError } from '../errors.ts';
import type { Candidate, Trainer, TrainingInput } from '../trainer.ts';
import type { RidgeFit, RidgeOptions } from './ridge-fit.ts';
import type { RidgeTask } from './ridge-worker.ts';
import { sampleSeries } from './series-sample.ts';
import type { RowsInput } from './training-rows.ts';

/** 240 MB of float64, held twice while they are handed to the worker. */
const VALUES_MAX = 30_000_000;
/** Rows below which a fit would learn the noise of a few days. */
const ROWS_MIN = 100;

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
    const rows: RowsInput = {
      featureSchema: input.featureSchema,
      series: sampleSeries(input.series, VALUES_MAX),
      holidays: input.holidays ?? null,
      fromPeriod: input.fromPeriod,
      toPeriod: input.toPeriod,
      ...(stride === undefined ? {} : { stride }),
    };
    const fit = await fitInWorker({ rows, options, onProgress: input.onProgress }, signal);
    return candidateOf(input, rows, fit);
  },
});

const candidateOf = (input: TrainingInput, rows: RowsInput, fit: RidgeFit): Candidate => {
  const { featureSchema } = input;
  const { horizon, seasons } = featureSchema;
  if (fit.rows < ROWS_MIN) {
    throw new TrainingError(
      'TRAINING_TOO_LITTLE_DATA',
      `Only ${fit.rows} rows can be made of ${rows.series.length} series: each needs ` +
        `${historyNeeded(seasons)} periods of history and ${horizon} more, ` +
        'before those that the model is judged on; ' +
        'wait for more data, or widen the training window',
    );
  }
  const metadata = metadataEntries({
    featureSchema,
    horizon,
    strategy: 'direct',
    transform: 'none',
    missing: 'nan',
  });
  const artifact = linearGraph(fit.model, metadata);
  return {
    artifact,
    sha256: createHash('sha256').update(artifact).digest('hex'),
    trainer: 'ridge',
    schemaHash: featureSchemaHash(featureSchema),
    horizon,
    rows: fit.rows,
    seriesCount: rows.series.length,
  };
};

interface FitCall {
  readonly rows: RowsInput;
  readonly options: RidgeOptions;
  readonly onProgress: ((share: number) => void) | undefined;
}

/** The compiled worker needs nothing; the TypeScript one needs the loader that runs its caller. */
const workerOptions = (): { readonly filename: string; readonly execArgv: string[] } => {
  const isSource = import.meta.url.endsWith('.ts');
  const filename = new URL(`./ridge-worker.${isSource ? 'ts' : 'js'}`, import.meta.url).href;
  return { filename, execArgv: isSource ? ['--import', 'tsx'] : [] };
};

const fitInWorker = async (
  { rows, options, onProgress }: FitCall,
  signal: AbortSignal,
): Promise<RidgeFit> => {
  const pool = new Piscina({ ...workerOptions(), minThreads: 1, maxThreads: 1 });
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (seriesCount: number) => {
    onProgress?.(rows.series.length === 0 ? 1 : seriesCount / rows.series.length);
  });
  const task: RidgeTask = { input: rows, options, progress: port2 };
  try {
    // What the worker file's function returns; class instances do not survive, and there are none
    // in it.
    const fit = (await pool.run(task, { transferList: [port2], signal })) as RidgeFit;
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
