import type { Frequency } from '../../../core/frequency.ts';
import { adoptionAt, type Adoptions } from './adoptions.ts';
import { NO_ROW, type Closings } from './closings.ts';
import { LADDER, NOBODY, type Lane } from './lane.ts';
import type { ModelShelf } from './model-shelf.ts';

// Indices below are in range by construction: rows and steps are counted by the closings themselves.

export interface PredictOptions {
  readonly closings: Closings;
  readonly adoptions: Adoptions;
  readonly shelf: ModelShelf;
  readonly frequency: Frequency;
}

/** Who speaks for each row: by the start of its period, so that batches and restarts make no difference. */
const assign = (lane: Lane, { closings, adoptions, frequency }: PredictOptions): void => {
  const vacant = lane.role === 'champion' ? LADDER : NOBODY;
  for (let index = 0; index < closings.count; index += 1) {
    const row = closings.row[index] as number;
    if (row === NO_ROW) continue;
    const start = frequency.startOf(closings.period[index] as number);
    const adoption = adoptionAt(adoptions, lane.role, start);
    const serial = adoption?.model == null ? vacant : adoption.serial;
    lane.serial[row] = closings.isYoung(row) ? vacant : serial;
  }
};

const ladder = (lane: Lane, closings: Closings, row: number): void => {
  const { horizon } = closings.shape;
  const at = row * horizon;
  lane.means.set(closings.ladder.subarray(at, at + horizon), at);
};

/** A model that says nothing usable leaves the row to the ladder; in a shadow lane, to nobody. */
const keepUsable = (lane: Lane, closings: Closings, row: number): void => {
  const { horizon } = closings.shape;
  const at = row * horizon;
  for (let step = 0; step < horizon; step += 1) {
    if (Number.isFinite(lane.means[at + step] as number)) continue;
    lane.serial[row] = lane.role === 'champion' ? LADDER : NOBODY;
    if (lane.role === 'champion') ladder(lane, closings, row);
    return;
  }
};

/** Rows of one model lie together, since adoption goes by period and rows do too: one run of the model for each. */
const runs = function* (
  lane: Lane,
  rowCount: number,
): Generator<{ readonly serial: number; readonly from: number; readonly to: number }> {
  let from = 0;
  while (from < rowCount) {
    const serial = lane.serial[from] as number;
    let to = from + 1;
    while (to < rowCount && lane.serial[to] === serial) to += 1;
    yield { serial, from, to };
    from = to;
  }
};

/** Fills the means of every row of a lane. */
export const predict = async (lane: Lane, options: PredictOptions): Promise<void> => {
  const { closings, adoptions, shelf } = options;
  const { width, horizon } = closings.shape;
  assign(lane, options);
  for (const { serial, from, to } of runs(lane, closings.rowCount)) {
    const adoption = adoptions.list.find((one) => one.serial === serial);
    if (adoption?.model == null) {
      if (serial === LADDER) for (let row = from; row < to; row += 1) ladder(lane, closings, row);
      continue;
    }
    const model = await shelf.load(adoption.model);
    const rows = closings.rows.slice(from * width, to * width);
    lane.means.set(await model.predict(rows, to - from), from * horizon);
    for (let row = from; row < to; row += 1) keepUsable(lane, closings, row);
  }
};
