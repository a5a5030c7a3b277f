import { InferenceSession, Tensor } from 'onnxruntime-node';
import { assert } from '../../core/assert.ts';
import type { RowShape } from '../../schemas/feature-schema.ts';
import { stepRows, stepRowWidth } from '../step-rows.ts';

/** One call of a worker: rows through a model that it may have to load first. */
export interface OnnxTask {
  readonly sha256: string;
  /** Present when the worker is to load the model, should it not have it. */
  readonly artifact: Uint8Array | undefined;
  /**
   * Shared with the caller: `count` rows of `width` from `rowsAt`, and room for their means from
   * `meansAt`, in bytes.
   */
  readonly rows: SharedArrayBuffer;
  readonly rowsAt: number;
  readonly means: SharedArrayBuffer;
  readonly meansAt: number;
  readonly count: number;
  readonly width: number;
  /** Means a row. */
  readonly horizon: number;
  /** What a missing value is written as; NaN leaves it. */
  readonly missing: number;
  /** Present where the model reads each row as one row a step. */
  readonly steps: RowShape | undefined;
  /** Rows of one run of the runtime. */
  readonly runRows: number;
  /** Models that stay loaded. */
  readonly modelsMax: number;
}

/** False: the worker does not have the model; send the artifact too. */
export type OnnxTaskResult = boolean;

/** By sha256. The one that was used last is the last. */
const sessions = new Map<string, Promise<InferenceSession>>();

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  // With two threads results would depend on how many rows there are.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

/** Lets the models go that nobody used the longest. */
const makeRoom = async (modelsMax: number): Promise<void> => {
  for (const [sha256, session] of sessions) {
    if (sessions.size <= modelsMax) return;
    sessions.delete(sha256);
    await (await session).release();
  }
};

const load = async (task: OnnxTask): Promise<InferenceSession | undefined> => {
  const { sha256, artifact, modelsMax } = task;
  const known = sessions.get(sha256);
  if (known !== undefined) {
    sessions.delete(sha256);
    sessions.set(sha256, known);
  }
  if (known !== undefined || artifact === undefined) return known;
  const session = InferenceSession.create(artifact, SESSION_OPTIONS);
  sessions.set(sha256, session);
  await makeRoom(modelsMax);
  try {
    return await session;
  } catch (failure) {
    sessions.delete(sha256);
    throw failure;
  }
};

/**
 * Rows of one run; kept from run to run, as fresh megabytes would cost as much as the model does.
 */
let buffer = new Float64Array(0);

/**
 * The runtime reads no shared memory; a copy of a few rows stays in the cache, and is where gaps
 * are filled.
 */
const privateRows = (
  { rows: shared, rowsAt, width, missing }: OnnxTask,
  from: number,
  count: number,
): Float64Array => {
  const size = count * width;
  if (buffer.length < size) buffer = new Float64Array(size);
  const rows = buffer.subarray(0, size);
  rows.set(new Float64Array(shared, rowsAt + from * width * 8, size));
  if (Number.isNaN(missing)) return rows;
  for (let index = 0; index < size; index += 1)
    if (Number.isNaN(rows[index])) rows[index] = missing;
  return rows;
};

/** A model takes float64 as it is, and float32 if it says so. */
const tensorOf = (session: InferenceSession, rows: Float64Array, width: number): Tensor => {
  const [input] = session.inputMetadata;
  const dims = [rows.length / width, width];
  const isSingle = input?.isTensor === true && input.type === 'float32';
  return isSingle
    ? new Tensor('float32', Float32Array.from(rows), dims)
    : new Tensor('float64', rows, dims);
};

const runRows = async (
  session: InferenceSession,
  rows: Float64Array,
  width: number,
): Promise<Float64Array | Float32Array> => {
  const [input, output] = [session.inputNames[0] ?? '', session.outputNames[0] ?? ''];
  const results = await session.run({ [input]: tensorOf(session, rows, width) }, [output]);
  const data = results[output]?.data;
  assert(data instanceof Float64Array || data instanceof Float32Array, 'the output is no float');
  return data;
};

/** What the model says of some rows, step by step. */
const meansOf = async (
  session: InferenceSession,
  task: OnnxTask,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<Float64Array | Float32Array> => {
  const { steps, width } = task;
  const rows = privateRows(task, from, count);
  if (steps === undefined) return runRows(session, rows, width);
  return runRows(session, stepRows(steps, rows, count), stepRowWidth(steps));
};

const onnxWorker = async (task: OnnxTask): Promise<OnnxTaskResult> => {
  const session = await load(task);
  if (session === undefined) return false;
  const { count, horizon, runRows: most } = task;
  const means = new Float64Array(task.means, task.meansAt, count * horizon);
  for (let from = 0; from < count; from += most) {
    const some = Math.min(most, count - from);
    const part = await meansOf(session, task, { from, count: some });
    if (part.length !== some * horizon) {
      throw new RangeError(`${part.length} outputs for ${some} rows of ${horizon} steps`);
    }
    means.set(part, from * horizon);
  }
  return true;
};

// Piscina calls a worker file's default export.
// eslint-disable-next-line no-restricted-syntax
export default onnxWorker;
