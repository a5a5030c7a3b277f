import { Piscina } from 'piscina';
import { assert } from '../../core/assert.ts';
import { sha256Of } from '../../core/sha256.ts';
import { workerFile } from '../../core/worker-file.ts';
import { ModelError } from '../errors.ts';
import {
  featureSchemaHash,
  rowShape,
  rowWidth,
  type FeatureSchema,
  type RowShape,
} from '../../schemas/feature-schema.ts';
import { errorsIn, parseMetadata, requireSchema, type ArtifactMetadata } from '../artifact.ts';
import type { Forecaster } from '../forecaster.ts';
import { requireShape } from './graph-shape.ts';
import { readOnnxHead } from './metadata.ts';
import type { OnnxTask, OnnxTaskResult } from './onnx-worker.ts';

/**
 * Rows of one call of a worker: enough to make its cost small, few enough to share work between
 * workers.
 */
const TASK_ROWS_MAX = 1_024;
/**
 * Rows of one run of the runtime, so that what it needs stays in the processor's cache. Of another
 * program's graph nobody knows whether results of a row depend on its neighbours: it runs row by
 * row.
 */
const RUN_ROWS_MAX = 256;
/** Calls that may wait; callers await each other long before. */
const QUEUE_MAX = 4_096;
/**
 * Of a stream, so many models stay open: champion, challenger, and one of each on its way out,
 * since tasks adopt at different times.
 */
export const MODELS_PER_STREAM = 4;

export interface OnnxArtifact {
  readonly artifact: Uint8Array;
  readonly name: string;
  readonly version: string;
  /** Of the stream that it is to serve; a model that was trained on other features is refused. */
  readonly featureSchema?: FeatureSchema;
}

/** Memories of finished calls that wait for the next one. */
const IDLE_MEMORIES_MAX = 2;

/** Worker threads that run ONNX models; one for a whole process, shared by its models. */
export interface OnnxRuntime {
  /** Loads a model and runs it once; rejects with a ModelError when it cannot be served. */
  open(artifact: OnnxArtifact): Promise<Forecaster>;
  close(): Promise<void>;
}

export interface OnnxRuntimeOptions {
  readonly workers: number;
  /** That it serves, one where it is left out: the models of all of them stay loaded. */
  readonly streams?: number;
}

/** The part of a pool of threads that a runtime uses. */
type OnnxPool = Pick<Piscina, 'run' | 'destroy'>;

const startPool = (workers: number): OnnxPool =>
  new Piscina({
    ...workerFile(import.meta.url, 'onnx-worker'),
    minThreads: 1,
    maxThreads: Math.max(1, workers),
    maxQueue: QUEUE_MAX,
  });

/**
 * Its threads start with the first model that can be read: who opens none has none. Closing waits
 * for models that are being opened: a thread that is ended while it loads its native library takes
 * the whole process along.
 */
export const openOnnxRuntime = (
  { workers, streams = 1 }: OnnxRuntimeOptions,
  start: typeof startPool = startPool,
): OnnxRuntime => {
  const modelsMax = MODELS_PER_STREAM * streams;
  let pool: OnnxPool | undefined;
  const opening = new Set<Promise<Forecaster>>();
  return {
    async open(artifact) {
      const threads = { pool: () => (pool ??= start(workers)), modelsMax };
      const model = openModel(threads, artifact);
      opening.add(model);
      try {
        return await model;
      } finally {
        opening.delete(model);
      }
    },
    async close() {
      await Promise.allSettled(opening);
      await pool?.destroy();
    },
  };
};

/** A model with worker threads of its own, which close with it. */
export const openOnnxForecaster = async ({
  workers,
  ...artifact
}: OnnxArtifact & { readonly workers: number }): Promise<Forecaster> => {
  const runtime = openOnnxRuntime({ workers });
  try {
    return { ...(await runtime.open(artifact)), close: () => runtime.close() };
  } catch (failure) {
    await runtime.close();
    throw failure;
  }
};

/** Where models run: threads that are started when they are needed, and what each keeps loaded. */
interface OnnxThreads {
  readonly pool: () => OnnxPool;
  readonly modelsMax: number;
}

const openModel = async (
  { pool, modelsMax }: OnnxThreads,
  { artifact, name, version, featureSchema: served }: OnnxArtifact,
): Promise<Forecaster> => {
  const head = readOnnxHead(artifact);
  const metadata = parseMetadata(head.entries);
  const { featureSchema, horizon, strategy, missing } = metadata;
  requireServable(name, metadata);
  if (served !== undefined) requireSchema(featureSchema, served);
  requireShape(head, metadata);
  const sha256 = sha256Of(artifact);
  const shape = rowShape(featureSchema);
  const calls = new ModelCalls(pool(), {
    ...{ name, artifact, sha256, horizon, modelsMax },
    missing: missing === 'zero' ? 0 : Number.NaN,
    steps: strategy === 'per-step' ? shape : undefined,
    runRows: head.isOwn ? RUN_ROWS_MAX : 1,
  });
  await calls.load(rowWidth(shape));
  return {
    identity: { name, version, sha256 },
    schemaHash: featureSchemaHash(featureSchema),
    horizon,
    strategy,
    errors: errorsIn(head.entries, featureSchema),
    predict: (rows, count) => calls.predict(rows, count),
    close: () => Promise.resolve(),
  };
};

const requireServable = (name: string, metadata: ArtifactMetadata): void => {
  const { featureSchema, horizon, strategy, transform } = metadata;
  if (strategy === 'recursive' || transform !== 'none') {
    throw new ModelError(
      'MODEL_STRATEGY_UNSUPPORTED',
      `Model ${name} wants strategy "${strategy}" and transform "${transform}"; only "direct" ` +
        'and "per-step" with "none" can be served: put what is done to outputs into the graph',
    );
  }
  if (horizon === featureSchema.horizon) return;
  throw new ModelError(
    'MODEL_METADATA_UNUSABLE',
    `Model ${name} has the horizon ${horizon}, and its feature schema ${featureSchema.horizon}: ` +
      'write the same into both',
  );
};

interface CalledModel {
  readonly name: string;
  readonly artifact: Uint8Array;
  readonly sha256: string;
  readonly horizon: number;
  readonly missing: number;
  readonly steps: RowShape | undefined;
  readonly runRows: number;
  readonly modelsMax: number;
}

/** Where a call's rows and means lie, in memory that workers see. */
interface CallMemory {
  readonly rows: SharedArrayBuffer;
  readonly means: SharedArrayBuffer;
  /** Bytes of the first ones. */
  readonly rowsAt: number;
  readonly meansAt: number;
  readonly width: number;
}

/** Calls of one model, through memory that workers share and that is used again. */
class ModelCalls {
  private readonly pool: OnnxPool;
  private readonly model: CalledModel;
  private readonly idle: SharedArrayBuffer[] = [];

  constructor(pool: OnnxPool, model: CalledModel) {
    this.pool = pool;
    this.model = model;
  }

  /** Loads the model, and runs it once on a row of zeros. */
  async load(width: number): Promise<void> {
    const rows = new SharedArrayBuffer(width * 8);
    const means = new SharedArrayBuffer(this.model.horizon * 8);
    const memory = { rows, rowsAt: 0, means, meansAt: 0, width };
    await this.call(this.task(memory, { from: 0, count: 1 }), true);
  }

  async predict(rows: Float64Array, count: number): Promise<Float64Array> {
    if (count === 0) return new Float64Array(0);
    const { horizon } = this.model;
    const width = rows.length / count;
    assert(Number.isInteger(width), `${rows.length} values are no ${count} rows`);
    const { buffer } = rows;
    const isShared = buffer instanceof SharedArrayBuffer;
    const meansAt = isShared ? 0 : rows.byteLength;
    const own = this.take(meansAt + count * horizon * 8);
    if (!isShared) new Float64Array(own).set(rows);
    const place = isShared ? { rows: buffer, rowsAt: rows.byteOffset } : { rows: own, rowsAt: 0 };
    const memory: CallMemory = { ...place, means: own, meansAt, width };
    const calls: Promise<void>[] = [];
    for (let from = 0; from < count; from += TASK_ROWS_MAX) {
      const span = { from, count: Math.min(TASK_ROWS_MAX, count - from) };
      calls.push(this.callKnown(this.task(memory, span)));
    }
    // Every call has ended before the memory is used again, be it with a failure.
    const failed = (await Promise.allSettled(calls)).find(({ status }) => status === 'rejected');
    const means = new Float64Array(own, meansAt, count * horizon).slice();
    if (this.idle.length < IDLE_MEMORIES_MAX) this.idle.push(own);
    if (failed?.status === 'rejected') throw failed.reason;
    return means;
  }

  /** Memory of at least that size; smaller idle ones are let go. */
  private take(sizeBytes: number): SharedArrayBuffer {
    for (let memory = this.idle.pop(); memory !== undefined; memory = this.idle.pop()) {
      if (memory.byteLength >= sizeBytes) return memory;
    }
    return new SharedArrayBuffer(sizeBytes);
  }

  private task(
    { rowsAt, meansAt, ...memory }: CallMemory,
    { from, count }: { readonly from: number; readonly count: number },
  ): OnnxTask {
    const { sha256, horizon, missing, steps, runRows, modelsMax } = this.model;
    return {
      ...memory,
      ...{ sha256, artifact: undefined, count, horizon, missing, steps, runRows, modelsMax },
      rowsAt: rowsAt + from * memory.width * 8,
      meansAt: meansAt + from * horizon * 8,
    };
  }

  /** The bytes of the model are worth sending only to a worker that says it lacks it. */
  private async callKnown(task: OnnxTask): Promise<void> {
    if (await this.call(task, false)) return;
    assert(await this.call(task, true), 'a worker that was given a model does not have it');
  }

  private async call(task: OnnxTask, withArtifact: boolean): Promise<OnnxTaskResult> {
    const { name, sha256, artifact } = this.model;
    try {
      // What the worker file's function returns.
      return (await this.pool.run(withArtifact ? { ...task, artifact } : task)) as OnnxTaskResult;
    } catch (cause) {
      throw new ModelError(
        'MODEL_RUN_FAILED',
        `Model ${name} (${sha256.slice(0, 12)}) does not run: ${String(cause)}`,
        { cause },
      );
    }
  }
}
