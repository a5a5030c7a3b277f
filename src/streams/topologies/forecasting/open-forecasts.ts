import { maturedForecasts, type MaturedForecasts } from '../../../models/interval-calibration.ts';
import type { Slab, SlabDefinition, SlabRow } from '../../../state/slab.ts';

// Indices below are in range by construction: a slot is an origin modulo the horizon.

/**
 * Words of an origin slot before its means: origin (period number), model, scale, what the series
 * could reach, and whether the slot is in use.
 */
const ORIGIN = 0;
const MODEL = 1;
const SCALE = 2;
const FLOOR = 3;
const CEILING = 4;
const USED = 5;
const HEADER_WORDS = 6;

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
  readonly slotBytes: number;
  readonly definition: SlabDefinition;
}

export const openForecastLayout = (
  name: string,
  { horizon, levelCount }: { readonly horizon: number; readonly levelCount: number },
): OpenForecastLayout => {
  const bytes = (HEADER_WORDS + horizon) * 8 + horizon * levelCount * 4;
  const slotBytes = Math.ceil(bytes / 8) * 8;
  const blockBytes = Array.from({ length: horizon }, () => slotBytes);
  return {
    horizon,
    levelCount,
    slotBytes,
    definition: {
      kind: 'slab',
      name: `${name}-h${horizon}-l${levelCount}`,
      version: 1,
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
  private readonly slotWords: number;
  private row: SlabRow | undefined;
  /** The words of the row that it was moved to, and where they begin. */
  private f64: Float64Array = new Float64Array(0);
  private f32: Float32Array = new Float32Array(0);
  private rowAt = 0;

  constructor(layout: OpenForecastLayout, slab: Slab) {
    this.layout = layout;
    this.slab = slab;
    this.slotWords = layout.slotBytes / 8;
  }

  /** Moves to the row of a series; false when it has none yet. */
  find(key: string): boolean {
    const row = this.slab.find(key);
    if (row !== undefined) this.moveTo(row);
    return row !== undefined;
  }

  /** Moves to the row of a series, which is made when there is none. */
  open(key: string): void {
    this.moveTo(this.slab.row(key));
  }

  /** Takes what is open for a target, step by step. */
  gather(target: number, into: OpenTarget): void {
    const { f64, rowAt, slotWords } = this;
    const { horizon } = this.layout;
    let slot = this.slotOf(target);
    into.count = 0;
    for (let step = 1; step <= horizon; step += 1) {
      slot = slot === 0 ? horizon - 1 : slot - 1;
      const word = rowAt + slot * slotWords;
      if (f64[word + USED] !== 1 || f64[word + ORIGIN] !== target - step) continue;
      this.take(word, step, into);
    }
  }

  /** Takes the slot of an origin for a new forecast; means and half widths follow. */
  begin({ origin, model, scale, floor, ceiling }: OpenedForecast): void {
    const { row, rowAt, layout, f64 } = this;
    const slot = this.slotOf(origin) * layout.slotBytes;
    if (row !== undefined) this.slab.touch(row, slot, slot + layout.slotBytes);
    const word = rowAt + slot / 8;
    f64[word + ORIGIN] = origin;
    f64[word + MODEL] = model;
    f64[word + SCALE] = scale;
    f64[word + FLOOR] = floor;
    f64[word + CEILING] = ceiling;
    f64[word + USED] = 1;
  }

  /** What the forecast of an origin says: means, and half widths by step and level. */
  say(origin: number, means: Float64Array, halves: Float32Array): void {
    const { f64, f32, rowAt, slotWords } = this;
    const { horizon, levelCount } = this.layout;
    const meansAt = rowAt + this.slotOf(origin) * slotWords + HEADER_WORDS;
    const halvesAt = (meansAt + horizon) * 2;
    for (let index = 0; index < horizon; index += 1) f64[meansAt + index] = means[index] as number;
    const halfCount = horizon * levelCount;
    for (let index = 0; index < halfCount; index += 1) {
      f32[halvesAt + index] = halves[index] as number;
    }
  }

  private take(word: number, step: number, into: OpenTarget): void {
    const { f64, f32 } = this;
    const { horizon, levelCount } = this.layout;
    const { count } = into;
    const mean = f64[word + HEADER_WORDS + step - 1] as number;
    const floor = f64[word + FLOOR] as number;
    const ceiling = f64[word + CEILING] as number;
    into.count = count + 1;
    into.steps[count] = step;
    into.means[count] = mean;
    into.models[count] = f64[word + MODEL] as number;
    into.scales[count] = f64[word + SCALE] as number;
    const halvesAt = (word + HEADER_WORDS + horizon) * 2 + (step - 1) * levelCount;
    const boundsAt = count * levelCount;
    for (let level = 0; level < levelCount; level += 1) {
      const half = f32[halvesAt + level] as number;
      into.lower[boundsAt + level] = within(mean - half, floor, ceiling);
      into.upper[boundsAt + level] = within(mean + half, floor, ceiling);
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
