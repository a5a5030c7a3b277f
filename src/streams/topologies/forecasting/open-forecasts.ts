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
 * Reads and writes the slots of a row; made once a task, moved from row to row, so that nothing
 * is allocated.
 */
export class OpenForecasts {
  private readonly layout: OpenForecastLayout;
  private readonly slab: Slab;
  private row: SlabRow | undefined;
  private f64: Float64Array = new Float64Array(0);
  private f32: Float32Array = new Float32Array(0);
  private word = 0;

  constructor(layout: OpenForecastLayout, slab: Slab) {
    this.layout = layout;
    this.slab = slab;
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

  /** Moves to the slot of an origin; false when what it holds is not of that origin. */
  seek(origin: number): boolean {
    const { horizon, slotBytes } = this.layout;
    this.word = ((((origin % horizon) + horizon) % horizon) * slotBytes) / 8;
    return this.f64[this.word + USED] === 1 && this.f64[this.word + ORIGIN] === origin;
  }

  get model(): number {
    return this.f64[this.word + MODEL] as number;
  }

  get scale(): number {
    return this.f64[this.word + SCALE] as number;
  }

  /** Mean of a step, 1 first. */
  mean(step: number): number {
    return this.f64[this.word + HEADER_WORDS + step - 1] as number;
  }

  /** Lower bound of a step as it was issued: within what the series could reach. */
  lower(step: number, level: number): number {
    return this.within(this.mean(step) - (this.f32[this.halfIndex(step, level)] as number));
  }

  upper(step: number, level: number): number {
    return this.within(this.mean(step) + (this.f32[this.halfIndex(step, level)] as number));
  }

  /** Takes the slot of an origin for a new forecast; means and half widths follow. */
  begin({ origin, model, scale, floor, ceiling }: OpenedForecast): void {
    this.seek(origin);
    const { row, layout, word, f64 } = this;
    if (row !== undefined) this.slab.touch(row, word * 8, word * 8 + layout.slotBytes);
    f64[word + ORIGIN] = origin;
    f64[word + MODEL] = model;
    f64[word + SCALE] = scale;
    f64[word + FLOOR] = floor;
    f64[word + CEILING] = ceiling;
    f64[word + USED] = 1;
  }

  setMean(step: number, mean: number): void {
    this.f64[this.word + HEADER_WORDS + step - 1] = mean;
  }

  setHalf(step: number, level: number, half: number): void {
    this.f32[this.halfIndex(step, level)] = half;
  }

  /** Clipped at both ends, so that bounds never cross, whatever a foreign model says. */
  private within(bound: number): number {
    const { f64, word } = this;
    const reached = Math.max(f64[word + FLOOR] as number, bound);
    return Math.min(f64[word + CEILING] as number, reached);
  }

  private moveTo(row: SlabRow): void {
    this.row = row;
    this.f64 = row.f64;
    this.f32 = row.f32;
  }

  private halfIndex(step: number, level: number): number {
    const { horizon, levelCount } = this.layout;
    return (this.word + HEADER_WORDS + horizon) * 2 + (step - 1) * levelCount + level;
  }
}
