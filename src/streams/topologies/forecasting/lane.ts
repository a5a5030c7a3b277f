import type { ErrorProfile } from '../../../models/error-profile.ts';
import { IntervalCalibration } from '../../../models/interval-calibration.ts';
import type { IntervalShape } from '../../../models/interval-shape.ts';
import { startOf, type IntervalStart } from '../../../models/interval-start.ts';
import type { Slab, SlabDefinition, SlabRow } from '../../../state/slab.ts';
import type { TaskState } from '../../../state/task-state.ts';
import type { Adoption } from './adoptions.ts';
import { OpenForecasts, openForecastLayout, type OpenForecastLayout } from './open-forecasts.ts';
import { SeriesRows, type NumberedSeries } from './series-rows.ts';

/** Serial of the naive ladder, which speaks where no model does. */
export const LADDER = 0;
/** Serial of a row that nobody speaks for: a vacant shadow. */
export const NOBODY = -1;

/** What serials are kept with, so that none of them is the 0 of a new row. */
const SERIAL_BASE = 1;

export type LaneRole = Adoption['role'];

/** The stores of one role. */
export interface LaneStores {
  readonly role: LaneRole;
  readonly open: OpenForecastLayout;
  readonly calibrations: SlabDefinition;
}

/** Intervals of one lane: the calibration of whatever series it was moved to. */
const calibrationStore = (role: LaneRole, calibration: IntervalCalibration): SlabDefinition => {
  const { buckets, levels, slots, movingWords, sharedWords } = calibration;
  return {
    kind: 'slab',
    name: `calibrations-${role}-b${buckets}-l${levels.length}-s${slots}`,
    version: 2,
    blockBytes: [
      movingWords * 8,
      // Where the controller started from: written once.
      (sharedWords - movingWords) * 8,
      ...Array.from({ length: slots }, () => (1 + buckets) * 8),
      // The serial of the model that spoke last.
      8,
    ],
  };
};

/** `steps`: so many of each forecast wait for their actuals. */
export const laneStores = (role: LaneRole, shape: IntervalShape, steps: number): LaneStores => {
  const levelCount = shape.levels.length;
  return {
    role,
    open: openForecastLayout(`open-forecasts-${role}`, { horizon: steps, levelCount }),
    calibrations: calibrationStore(role, new IntervalCalibration(shape)),
  };
};

/** Everything of one role: its open forecasts, its calibrations, and what it says of each row. */
export class RoleLane {
  readonly role: LaneRole;
  readonly open: OpenForecasts;
  readonly calibration: IntervalCalibration;
  /** Per row: serial of the adoption that speaks, `LADDER` or `NOBODY`. */
  readonly serial: Int32Array;
  /** Per row, how its means came about, where somebody spoke. */
  readonly strategy: string[] = [];
  /** Per row and step. */
  readonly means: Float64Array;
  private readonly calibrations: Slab;
  private readonly calibrationRows: SeriesRows;
  /** Where intervals begin, by the serial of a model of which that is known. */
  private readonly starts = new Map<number, IntervalStart>();
  private row: SlabRow | undefined;

  constructor(stores: LaneStores, shape: IntervalShape, from: { state: TaskState; rows: number }) {
    const { state, rows } = from;
    this.role = stores.role;
    this.open = new OpenForecasts(stores.open, state.slab(stores.open.definition));
    this.calibration = new IntervalCalibration(shape);
    this.calibrations = state.slab(stores.calibrations);
    this.calibrationRows = new SeriesRows(this.calibrations);
    this.serial = new Int32Array(rows);
    this.means = new Float64Array(rows * shape.horizon);
  }

  /** Moves to the calibration of a series, begun in its unit where it is new. */
  calibrate(series: NumberedSeries, unit: number): void {
    const row = this.calibrationRows.of(series);
    this.row = row;
    this.calibration.seek(row.chunk.f64, row.word);
    if (this.calibration.isStarted) return;
    this.calibrations.touch(row, 0, this.calibrations.rowBytes);
    this.calibration.startCold(unit);
  }

  /** Takes the unit of a young series, whose scale is not known yet, for what it is now. */
  renew(unit: number): void {
    const { row, calibration, calibrations } = this;
    if (row === undefined) return;
    calibrations.touch(row, 0, calibrations.rowBytes);
    calibration.renewCold(unit);
  }

  /** Hears of a model before it speaks. */
  introduce(serial: number, errors: ErrorProfile | undefined): void {
    if (errors === undefined || this.starts.has(serial)) return;
    this.starts.set(serial, startOf(errors, this.calibration.levels));
  }

  /**
   * Notes who speaks for the series that `calibrate` moved to: another model is a new start, from
   * its own errors where they are known. `scale`: of the series; NaN is none, 0 counts as 1.
   */
  speak(serial: number, scale: number): void {
    const { row, calibration, calibrations, starts } = this;
    if (row === undefined) return;
    const { f64 } = row.chunk;
    const at = row.word + calibration.words;
    if (f64[at] === serial + SERIAL_BASE) return;
    calibrations.touch(row, 0, calibrations.rowBytes);
    // 0 is a row that nobody has spoken for.
    const isNew = f64[at] === 0;
    f64[at] = serial + SERIAL_BASE;
    const unit = scale === 0 ? 1 : scale;
    const start = unit > 0 ? starts.get(serial) : undefined;
    if (start !== undefined && isNew) calibration.startFrom(start, unit);
    else if (start !== undefined) calibration.meet(start, unit);
    else if (!isNew) calibration.restart();
  }

  /** To be called before the calibration learns of a target in `slot`. */
  touch(slot: number): void {
    const { row, calibration, calibrations } = this;
    if (row === undefined) return;
    calibrations.touch(row, 0, calibration.movingWords * 8);
    const at = calibration.slotWord(slot) * 8;
    calibrations.touch(row, at, at + 8);
  }
}
