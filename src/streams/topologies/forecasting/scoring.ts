// Hot file: indices are in range by construction (steps and levels are counted by the shape), so
// typed-array reads are narrowed with `as number`.
import { intervalUnit } from '../../../models/interval-unit.ts';
import {
  emptyColumns,
  type ColumnarScore,
  type StepColumns,
} from '../../../schemas/columnar-score.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import { NOBODY, type RoleLane } from './lane.ts';
import { openTarget, type OpenForecastLayout, type OpenTarget } from './open-forecasts.ts';
import type { Series } from './series-table.ts';

export interface ScoringShape {
  readonly open: OpenForecastLayout;
  readonly levels: readonly number[];
  readonly naiveNames: readonly string[];
}

/** An actual, and which one it replaces. */
export interface ScoredActual {
  readonly period: number;
  /** Epoch ms: start of the period. */
  readonly target: number;
  readonly actual: number;
  readonly revision: number;
  readonly supersededActual: number | null;
  /** Slot of the target, by which intervals are calibrated. */
  readonly slot: number;
}

export interface ScoringHost {
  readonly shape: ScoringShape;
  /** What the naive opponents said of the target, step by step. */
  readonly naive: Float64Array;
  modelOf(serial: number): ModelRef | undefined;
  /** Takes a score that is overwritten by the next one: to be encoded at once. */
  emit(series: Series, score: ColumnarScore): void;
}

/** Scores the open forecasts of one series at a time; made once a task, so that nothing is new. */
export class Scoring {
  private readonly host: ScoringHost;
  private readonly levels: Float64Array;
  private readonly matured: OpenTarget;
  private readonly columns: ReturnType<typeof emptyColumns>;

  constructor(host: ScoringHost) {
    const { shape } = host;
    this.host = host;
    this.levels = Float64Array.from(shape.levels);
    this.matured = openTarget(shape.open);
    const [levels, names] = [shape.levels.length, shape.naiveNames.length];
    this.columns = emptyColumns({ capacity: shape.open.horizon, levels, names });
  }

  /** Scores what a lane said of a target, and calibrates by it unless it is a correction. */
  score(lane: RoleLane, series: Series, actual: ScoredActual): void {
    const { matured } = this;
    if (!lane.open.find(series)) return;
    lane.open.gather(actual.period, matured);
    if (matured.count === 0) return;
    let last = NOBODY;
    for (let index = 0; index < matured.count; index += 1) {
      const serial = matured.models[index] as number;
      if (serial !== last && this.isFirst(serial, index)) this.emit(series, serial, actual);
      last = serial;
    }
    if (actual.revision > 0) return;
    lane.calibrate(series, intervalUnit(matured.scales[0] as number, Number.NaN, actual.actual));
    lane.touch(actual.slot);
    lane.calibration.learn(actual.actual, actual.slot, matured);
  }

  private isFirst(serial: number, index: number): boolean {
    for (let before = 0; before < index; before += 1) {
      if (this.matured.models[before] === serial) return false;
    }
    return true;
  }

  private emit(series: Series, serial: number, scored: ScoredActual): void {
    const { host, levels } = this;
    const model = host.modelOf(serial);
    if (model === undefined) return;
    host.emit(series, {
      seriesId: series.id,
      target: scored.target,
      actual: scored.actual,
      revision: scored.revision,
      supersededActual: scored.supersededActual,
      model,
      levels,
      naiveNames: host.shape.naiveNames,
      steps: this.stepsOf(serial),
    });
  }

  private stepsOf(serial: number): StepColumns {
    const { matured, columns, host } = this;
    const names = host.shape.naiveNames.length;
    const levels = this.levels.length;
    let row = 0;
    for (let index = 0; index < matured.count; index += 1) {
      if (matured.models[index] !== serial) continue;
      const step = matured.steps[index] as number;
      columns.steps[row] = step;
      columns.means[row] = matured.means[index] as number;
      columns.scales[row] = matured.scales[index] as number;
      for (let level = 0; level < levels; level += 1) {
        columns.lower[row * levels + level] = matured.lower[index * levels + level] as number;
        columns.upper[row * levels + level] = matured.upper[index * levels + level] as number;
      }
      for (let name = 0; name < names; name += 1) {
        columns.naive[row * names + name] = host.naive[(step - 1) * names + name] as number;
      }
      row += 1;
    }
    columns.count = row;
    return columns;
  }
}
