// Hot file: indices are in range by construction (steps and levels are counted by the shape), so
// typed-array reads are narrowed with `as number`.
import type { ModelRef } from '../../../schemas/forecast.ts';
import type { Score, ScoredStep } from '../../../schemas/score.ts';
import { NOBODY, type Lane } from './lane.ts';
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
  emit(series: Series, score: Score): void;
}

type Scratch = { -readonly [Key in keyof ScoredStep]: ScoredStep[Key] };

const scratchSteps = ({ open, levels, naiveNames }: ScoringShape): Scratch[] =>
  Array.from({ length: open.horizon }, () => ({
    step: 0,
    // NaN, so that these fields are doubles from the first: others box each number they get.
    mean: Number.NaN,
    lower: new Float32Array(levels.length),
    upper: new Float32Array(levels.length),
    naive: new Float32Array(naiveNames.length),
    scale: Number.NaN,
  }));

/** Scores the open forecasts of one series at a time; made once a task, so that nothing is new. */
export class Scoring {
  private readonly host: ScoringHost;
  private readonly levels: Float64Array;
  private readonly matured: OpenTarget;
  private readonly scratch: Scratch[];
  private readonly steps: ScoredStep[] = [];

  constructor(host: ScoringHost) {
    const { shape } = host;
    this.host = host;
    this.levels = Float64Array.from(shape.levels);
    this.matured = openTarget(shape.open);
    this.scratch = scratchSteps(shape);
  }

  /** Scores what a lane said of a target, and calibrates by it unless it is a correction. */
  score(lane: Lane, series: Series, actual: ScoredActual): void {
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
    lane.calibrate(series, matured.scales[0] as number);
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

  private stepsOf(serial: number): readonly ScoredStep[] {
    const { matured, scratch, host } = this;
    const width = host.shape.naiveNames.length;
    const levels = this.levels.length;
    const { steps } = this;
    let count = 0;
    for (let index = 0; index < matured.count; index += 1) {
      if (matured.models[index] !== serial) continue;
      const to = scratch[index] as Scratch;
      const step = matured.steps[index] as number;
      to.step = step;
      to.mean = matured.means[index] as number;
      to.scale = matured.scales[index] as number;
      for (let level = 0; level < levels; level += 1) {
        to.lower[level] = matured.lower[index * levels + level] as number;
        to.upper[level] = matured.upper[index * levels + level] as number;
      }
      for (let name = 0; name < width; name += 1) {
        to.naive[name] = host.naive[(step - 1) * width + name] as number;
      }
      steps[count] = to;
      count += 1;
    }
    // To empty it first would be to make room for all steps anew.
    if (steps.length !== count) steps.length = count;
    return steps;
  }
}
