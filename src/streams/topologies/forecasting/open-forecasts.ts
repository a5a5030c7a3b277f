import { maturedForecasts, type MaturedForecasts } from '../../../models/matured-forecasts.ts';
import type { Slab, SlabDefinition, SlabRow } from '../../../state/slab.ts';
import { SeriesRows, type NumberedSeries } from './series-rows.ts';

// Indices below are in range by construction: a slot is an origin modulo the horizon.

/** Word of an origin slot: the origin (period number), as float64. */
const ORIGIN = 0;
/**
 * Half words of it, as float32: serial of the model + 1 (0: the slot is not in use), scale, and
 * what the series could reach. Scale and bounds are published as float32, and rounding a limit
 * before it is applied is rounding what it limits, so that nothing is lost.
 */
const MODEL = 2;
const SCALE = 3;
const FLOOR = 4;
const CEILING = 5;
const HEADER_WORDS = 3;
const SERIAL_BASE = 1;

/** What a forecast is opened with; means and half widths follow. */
export interface OpenedForecast {
  readonly origin: number;
  readonly model: number;
  readonly scale: number;
  readonly floor: number;
  readonly ceiling: number;
}

/**
 * The forecasts of one series that still wait for an actual: one slot an origin, `horizon` slots.
 */
export interface OpenForecastLayout {
  readonly horizon: number;
  readonly levelCount: number;
  /**
   * What is said of a step lies together, since a target reads one step of each slot: the mean, and
   * half widths by level, as float32.
   */
  readonly stepWords: number;
  readonly slotBytes: number;
  readonly definition: SlabDefinition;
}

export const openForecastLayout = (
  name: string,
  { horizon, levelCount }: { readonly horizon: number; readonly levelCount: number },
): OpenForecastLayout => {
  const stepWords = 1 + Math.ceil(levelCount / 2);
  const slotBytes = (HEADER_WORDS + horizon * stepWords) * 8;
  const blockBytes = Array.from({ length: horizon }, () => slotBytes);
  return {
    horizon,
    levelCount,
    stepWords,
    slotBytes,
    definition: {
      kind: 'slab',
      name: `${name}-h${horizon}-l${levelCount}`,
      version: 2,
      blockBytes,
    },
  };
};

/**
 * Forecasts of one target that wait for its actual, as they were issued; made once and refilled.
 */
export interface OpenTarget extends MaturedForecasts {
  /** By whom each was made. */
  readonly models: Int32Array;
  readonly scales: Float64Array;
}

export const openTarget = ({ horizon, levelCount }: OpenForecastLayout): OpenTarget => ({
  ...maturedForecasts(horizon, levelCount),
  models: new Int32Array(horizon),
  scales: new Float64Array(horizon),
});

/**
 * Reads and writes the slots of a row; made once a task, moved from row to row, so that nothing
 * is allocated.
 */
export class OpenForecasts {
  readonly layout: OpenForecastLayout;
  private readonly slab: Slab;
  private readonly rows: SeriesRows;
  private readonly slotWords: number;
  private row: SlabRow | undefined;
  /** The words of the row that it was moved to, and where they begin. */
  private f64: Float64Array = new Float64Array(0);
  private f32: Float32Array = new Float32Array(0);
  private rowAt = 0;

  constructor(layout: OpenForecastLayout, slab: Slab) {
    this.layout = layout;
    this.slab = slab;
    this.rows = new SeriesRows(slab);
    this.slotWords = layout.slotBytes / 8;
  }

  /** Moves to the row of a series; false when it has none yet. */
  find(series: NumberedSeries): boolean {
    const row = this.rows.find(series);
    if (row !== undefined) this.moveTo(row);
    return row !== undefined;
  }

  /** Moves to the row of a series, which is made when there is none. */
  open(series: NumberedSeries): void {
    this.moveTo(this.rows.of(series));
  }

  /** Takes what is open for a target, step by step. */
  gather(target: number, into: OpenTarget): void {
    const { f64, f32, rowAt, slotWords } = this;
    const { horizon, levelCount, stepWords } = this.layout;
    const { steps, means, models, scales, lower, upper } = into;
    let slot = this.slotOf(target);
    let count = 0;
    let bound = 0;
    for (let step = 1; step <= horizon; step += 1) {
      slot = slot === 0 ? horizon - 1 : slot - 1;
      const word = rowAt + slot * slotWords;
      const half = word * 2;
      const stepAt = word + HEADER_WORDS + (step - 1) * stepWords;
      // Read before it is known to be wanted, since both are far: one is waited for, not two.
      const mean = f64[stepAt] as number;
      const model = f32[half + MODEL] as number;
      if (f64[word + ORIGIN] !== target - step || model === 0) continue;
      const floor = f32[half + FLOOR] as number;
      const ceiling = f32[half + CEILING] as number;
      steps[count] = step;
      means[count] = mean;
      models[count] = model - SERIAL_BASE;
      scales[count] = f32[half + SCALE] as number;
      count += 1;
      const halvesAt = stepAt * 2 + 2;
      for (let level = 0; level < levelCount; level += 1) {
        const width = f32[halvesAt + level] as number;
        lower[bound] = within(mean - width, floor, ceiling);
        upper[bound] = within(mean + width, floor, ceiling);
        bound += 1;
      }
    }
    into.count = count;
  }

  /** Takes the slot of an origin for a new forecast; means and half widths follow. */
  begin({ origin, model, scale, floor, ceiling }: OpenedForecast): void {
    const { row, rowAt, layout, f64, f32 } = this;
    const slot = this.slotOf(origin) * layout.slotBytes;
    if (row !== undefined) this.slab.touch(row, slot, slot + layout.slotBytes);
    const word = rowAt + slot / 8;
    const half = word * 2;
    f64[word + ORIGIN] = origin;
    f32[half + MODEL] = model + SERIAL_BASE;
    f32[half + SCALE] = scale;
    f32[half + FLOOR] = floor;
    f32[half + CEILING] = ceiling;
  }

  /** What the forecast of an origin says: means, and half widths by step and level. */
  say(origin: number, means: Float64Array, halves: Float32Array): void {
    const { f64, f32, rowAt, slotWords } = this;
    const { horizon, levelCount, stepWords } = this.layout;
    let word = rowAt + this.slotOf(origin) * slotWords + HEADER_WORDS;
    for (let index = 0; index < horizon; index += 1) {
      f64[word] = means[index] as number;
      const halvesAt = word * 2 + 2;
      for (let level = 0; level < levelCount; level += 1) {
        f32[halvesAt + level] = halves[index * levelCount + level] as number;
      }
      word += stepWords;
    }
  }

  private slotOf(origin: number): number {
    const slot = origin % this.layout.horizon;
    return slot < 0 ? slot + this.layout.horizon : slot;
  }

  private moveTo(row: SlabRow): void {
    this.row = row;
    this.f64 = row.chunk.f64;
    this.f32 = row.chunk.f32;
    this.rowAt = row.word;
  }
}

/** Clipped at both ends, so that bounds never cross, whatever a foreign model says. */
export const within = (bound: number, floor: number, ceiling: number): number =>
  Math.min(ceiling, Math.max(floor, bound));
