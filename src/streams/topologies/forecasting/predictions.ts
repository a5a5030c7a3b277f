import type { Clock } from '../../../core/clock.ts';
import { TidecastError } from '../../../core/errors.ts';
import type { Frequency } from '../../../core/frequency.ts';
import { isSchemaMismatch } from '../../../models/artifact.ts';
import { NOTHING } from '../../../models/naive.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import { StreamError } from '../../errors.ts';
import type { ForecastMetrics } from '../../metrics.ts';
import { adoptionAt, type Adoptions } from './adoptions.ts';
import { LADDER, NOBODY, type Lane } from './lane.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { OriginRows } from './origin-rows.ts';

// Indices below are in range by construction: rows and steps are counted by the closings
// themselves.

export interface PredictOptions {
  readonly rows: OriginRows;
  readonly adoptions: Adoptions;
  readonly shelf: ModelShelf;
  readonly periods: Frequency;
  /** Asks the naive ladder for a row: fills its means and its rung. */
  readonly climb: (row: number) => void;
  /** The stream's model, for which the ladder stands in. */
  readonly modelName: string;
  readonly metrics: ForecastMetrics;
  readonly clock: Clock;
  readonly onMisfit: (model: ModelRef, error: unknown) => void;
}

/** Who speaks for each row: by the start of its period, so that batches make no difference. */
const assign = (lane: Lane, { rows, adoptions, periods }: PredictOptions): void => {
  const vacant = lane.role === 'champion' ? LADDER : NOBODY;
  for (let row = 0; row < rows.count; row += 1) {
    const start = periods.startOf(rows.period[row] as number);
    const adoption = adoptionAt(adoptions, lane.role, start);
    const serial = adoption?.model == null ? vacant : adoption.serial;
    lane.serial[row] = rows.isYoung(row) ? vacant : serial;
  }
};

const useLadder = (lane: Lane, { rows, climb }: PredictOptions, row: number): void => {
  const { horizon } = rows.shape;
  const at = row * horizon;
  climb(row);
  lane.serial[row] = LADDER;
  lane.strategy[row] = rows.rung[row] ?? NOTHING;
  lane.means.set(rows.ladder.subarray(at, at + horizon), at);
};

const climbAll = (lane: Lane, options: PredictOptions, { from, to }: Omit<Run, 'serial'>): void => {
  for (let row = from; row < to; row += 1) {
    if (lane.serial[row] === LADDER) useLadder(lane, options, row);
  }
};

/** A row of which a model says nothing usable: the ladder's; in a shadow lane, nobody's. */
const leave = (lane: Lane, options: PredictOptions, row: number): void => {
  if (lane.role === 'champion') useLadder(lane, options, row);
  else lane.serial[row] = NOBODY;
};

const keepUsable = (lane: Lane, options: PredictOptions, row: number): void => {
  const { horizon } = options.rows.shape;
  const at = row * horizon;
  for (let step = 0; step < horizon; step += 1) {
    if (Number.isFinite(lane.means[at + step])) continue;
    leave(lane, options, row);
    return;
  }
};

interface Run {
  readonly serial: number;
  readonly from: number;
  readonly to: number;
}

/** The span of rows that each serial speaks for; rows of others may lie in between. */
const runsOf = ({ serial }: Lane, rowCount: number): readonly Run[] => {
  const runs: { readonly serial: number; readonly from: number; to: number }[] = [];
  let run: (typeof runs)[number] | undefined;
  for (let row = 0; row < rowCount; row += 1) {
    const said = serial[row] as number;
    if (run?.serial !== said) run = runs.find((other) => other.serial === said);
    if (run === undefined) {
      run = { serial: said, from: row, to: row };
      runs.push(run);
    }
    run.to = row + 1;
  }
  return runs;
};

/** No record is to blame when a model fails, so none may be put aside: the task tries again. */
const silenced = ({ name, version }: ModelRef, cause: unknown): Error =>
  cause instanceof TidecastError && cause.retriable
    ? cause
    : new StreamError(
        'TASK_MODEL_FAILED',
        `model ${name} ${version} serves but cannot forecast: mend it or roll back to another`,
        { retriable: true, cause },
      );

/**
 * A model of other features than the stream has now will never fit: its rows are left as if it said
 * nothing. That follows from its bytes and from the configuration, so a replay leaves the same.
 */
const leaveAll = (lane: Lane, options: PredictOptions, { serial, from, to }: Run): void => {
  for (let row = from; row < to; row += 1) {
    if (lane.serial[row] === serial) leave(lane, options, row);
  }
};

/** One run of a model over its span: what it says of rows of others is dropped. */
const runModel = async (
  lane: Lane,
  model: ModelRef,
  { run, options }: { readonly run: Run; readonly options: PredictOptions },
): Promise<void> => {
  const { rows, shelf, metrics, clock } = options;
  const { width, horizon } = rows.shape;
  const { serial, from, to } = run;
  const startedMs = clock.monotonic();
  const said = { model: model.name, count: to - from };
  let means: Float64Array;
  let strategy: string;
  try {
    const ready = await shelf.load(model);
    strategy = ready.strategy;
    lane.introduce(serial, ready.errors);
    means = await ready.predict(rows.features.subarray(from * width, to * width), to - from);
  } catch (error) {
    metrics.predicted({ ...said, status: 'failure', durationMs: clock.monotonic() - startedMs });
    if (!isSchemaMismatch(error)) throw silenced(model, error);
    options.onMisfit(model, error);
    leaveAll(lane, options, run);
    return;
  }
  metrics.predicted({ ...said, status: 'success', durationMs: clock.monotonic() - startedMs });
  for (let row = from; row < to; row += 1) {
    if (lane.serial[row] !== serial) continue;
    const [at, into] = [(row - from) * horizon, row * horizon];
    for (let step = 0; step < horizon; step += 1) {
      lane.means[into + step] = means[at + step] as number;
    }
    lane.strategy[row] = strategy;
    keepUsable(lane, options, row);
  }
};

/** Tells how often the ladder spoke, by rung. */
const countFallbacks = (lane: Lane, { rows, metrics, modelName }: PredictOptions): void => {
  if (lane.role !== 'champion') return;
  const counts = new Map<string, number>();
  for (let row = 0; row < rows.count; row += 1) {
    const rung = lane.serial[row] === LADDER ? rows.rung[row] : undefined;
    if (rung !== undefined) counts.set(rung, (counts.get(rung) ?? 0) + 1);
  }
  for (const [strategy, count] of counts) metrics.fellBack({ model: modelName, strategy, count });
};

/** Fills the means of every row of a lane. */
export const predict = async (lane: Lane, options: PredictOptions): Promise<void> => {
  const { rows, adoptions } = options;
  assign(lane, options);
  for (const run of runsOf(lane, rows.count)) {
    const adoption = adoptions.list.find(({ serial }) => serial === run.serial);
    if (adoption?.model != null) await runModel(lane, adoption.model, { run, options });
    else if (run.serial === LADDER) climbAll(lane, options, run);
  }
  countFallbacks(lane, options);
};
