import type { Clock } from '../../../core/clock.ts';
import { TidecastError } from '../../../core/errors.ts';
import type { Frequency } from '../../../core/frequency.ts';
import { isSchemaMismatch } from '../../../models/artifact.ts';
import { NOTHING } from '../../../models/naive.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import { count, type Outbox } from '../../batch.ts';
import { StreamError } from '../../errors.ts';
import type { ForecastMetrics } from '../../metrics.ts';
import { adoptionAt, type Adoptions } from './adoptions.ts';
import { LADDER, NOBODY, type RoleLane } from './lane.ts';
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
  /** Where what is counted waits for the commit. */
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly onMisfit: (model: ModelRef, error: unknown) => void;
}

/** Who speaks for each row: by the start of its period, so that batches make no difference. */
const assign = (lane: RoleLane, { rows, adoptions, periods }: PredictOptions): void => {
  const vacant = lane.role === 'champion' ? LADDER : NOBODY;
  for (let row = 0; row < rows.count; row += 1) {
    const start = periods.startOf(rows.period[row] as number);
    const adoption = adoptionAt(adoptions, lane.role, start);
    const serial = adoption?.model == null ? vacant : adoption.serial;
    lane.serial[row] = rows.isYoung(row) ? vacant : serial;
  }
};

const useLadder = (lane: RoleLane, { rows, climb }: PredictOptions, row: number): void => {
  const { horizon } = rows.shape;
  const at = row * horizon;
  climb(row);
  lane.serial[row] = LADDER;
  lane.strategy[row] = rows.rung[row] ?? NOTHING;
  lane.means.set(rows.ladder.subarray(at, at + horizon), at);
};

const climbAll = (
  lane: RoleLane,
  options: PredictOptions,
  { from, to }: Omit<Run, 'serial'>,
): void => {
  for (let row = from; row < to; row += 1) {
    if (lane.serial[row] === LADDER) useLadder(lane, options, row);
  }
};

/** A row of which a model says nothing usable: the ladder's; in a shadow lane, nobody's. */
const leave = (lane: RoleLane, options: PredictOptions, row: number): void => {
  if (lane.role === 'champion') useLadder(lane, options, row);
  else lane.serial[row] = NOBODY;
};

const keepUsable = (lane: RoleLane, options: PredictOptions, row: number): void => {
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
const runsOf = ({ serial }: RoleLane, rowCount: number): readonly Run[] => {
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
const leaveAll = (lane: RoleLane, options: PredictOptions, { serial, from, to }: Run): void => {
  for (let row = from; row < to; row += 1) {
    if (lane.serial[row] === serial) leave(lane, options, row);
  }
};

/** Rows of a run that are its serial's own. */
const ownRows = ({ serial }: RoleLane, run: Run): number => {
  let own = 0;
  for (let row = run.from; row < run.to; row += 1) if (serial[row] === run.serial) own += 1;
  return own;
};

interface ModelRun {
  readonly lane: RoleLane;
  readonly model: ModelRef;
  readonly run: Run;
}

/** What a model says of its span; undefined: its features are others, so it never says anything. */
const ask = async (
  { lane, model, run }: ModelRun,
  options: PredictOptions,
): Promise<{ readonly means: Float64Array; readonly strategy: string } | undefined> => {
  const { rows, shelf, metrics, clock, outbox } = options;
  const { width } = rows.shape;
  const { serial, from, to } = run;
  const startedMs = clock.monotonic();
  try {
    const ready = await shelf.load(model);
    lane.introduce(serial, ready.errors);
    const span = rows.features.subarray(from * width, to * width);
    return { means: await ready.predict(span, to - from), strategy: ready.strategy };
  } catch (error) {
    const failure = { model: model.name, role: lane.role, status: 'failure' } as const;
    const own = ownRows(lane, run);
    if (!isSchemaMismatch(error)) {
      // Nothing of what it stops is ever committed: each try tells of itself.
      metrics.predicted({ ...failure, count: own });
      throw silenced(model, error);
    }
    count(outbox, (failed) => metrics.predicted({ ...failure, count: failed }), own);
    options.onMisfit(model, error);
    return undefined;
  } finally {
    metrics.ran({ durationMs: clock.monotonic() - startedMs });
  }
};

/** One run of a model over its span: what it says of rows of others is dropped. */
const runModel = async (asked: ModelRun, options: PredictOptions): Promise<void> => {
  const { lane, model, run } = asked;
  const { rows, metrics, outbox } = options;
  const { horizon } = rows.shape;
  const said = await ask(asked, options);
  if (said === undefined) {
    leaveAll(lane, options, run);
    return;
  }
  for (let row = run.from; row < run.to; row += 1) {
    if (lane.serial[row] !== run.serial) continue;
    const [at, into] = [(row - run.from) * horizon, row * horizon];
    for (let step = 0; step < horizon; step += 1) {
      lane.means[into + step] = said.means[at + step] as number;
    }
    lane.strategy[row] = said.strategy;
    keepUsable(lane, options, row);
  }
  const success = { model: model.name, role: lane.role, status: 'success' } as const;
  // What was not usable is the ladder's by now.
  const own = ownRows(lane, run);
  count(outbox, (made) => metrics.predicted({ ...success, count: made }), own);
};

/** Tells how often the ladder spoke, by rung. */
const countFallbacks = (lane: RoleLane, options: PredictOptions): void => {
  if (lane.role !== 'champion') return;
  const { rows, metrics, modelName: model, outbox } = options;
  const counts = new Map<string, number>();
  for (let row = 0; row < rows.count; row += 1) {
    const rung = lane.serial[row] === LADDER ? rows.rung[row] : undefined;
    if (rung !== undefined) counts.set(rung, (counts.get(rung) ?? 0) + 1);
  }
  for (const [strategy, rung] of counts) {
    count(outbox, (fallen) => metrics.fellBack({ model, strategy, count: fallen }), rung);
  }
};

/** Fills the means of every row of a lane. */
export const predict = async (lane: RoleLane, options: PredictOptions): Promise<void> => {
  const { rows, adoptions } = options;
  assign(lane, options);
  for (const run of runsOf(lane, rows.count)) {
    const adoption = adoptions.list.find(({ serial }) => serial === run.serial);
    if (adoption?.model != null) await runModel({ lane, model: adoption.model, run }, options);
    else if (run.serial === LADDER) climbAll(lane, options, run);
  }
  countFallbacks(lane, options);
};
