import type { Slab } from '../../../state/slab.ts';
import type { IntervalCalibration } from '../../../models/interval-calibration.ts';
import type { Adoption } from './adoptions.ts';
import { OpenForecasts, type OpenForecastLayout } from './open-forecasts.ts';

/** Serial of the naive ladder, which speaks where no model does. */
export const LADDER = 0;
/** Serial of a row that nobody speaks for: a vacant shadow. */
export const NOBODY = -1;

/** Everything of one role: its open forecasts, its calibration, and what it says of each row of a batch. */
export interface Lane {
  readonly role: Adoption['role'];
  readonly open: OpenForecasts;
  readonly calibration: IntervalCalibration;
  readonly calibrations: Slab;
  /** Per row: serial of the adoption that speaks, `LADDER` or `NOBODY`. */
  readonly serial: Int32Array;
  /** Per row and step. */
  readonly means: Float64Array;
}

export interface LaneOptions {
  readonly role: Adoption['role'];
  readonly layout: OpenForecastLayout;
  readonly open: Slab;
  readonly calibrations: Slab;
  readonly calibration: IntervalCalibration;
  readonly rowsMax: number;
}

export const lane = (options: LaneOptions): Lane => ({
  role: options.role,
  open: new OpenForecasts(options.layout, options.open),
  calibration: options.calibration,
  calibrations: options.calibrations,
  serial: new Int32Array(options.rowsMax),
  means: new Float64Array(options.rowsMax * options.layout.horizon),
});
