import type { Slab, SlabDefinition, SlabRow } from '../../../state/slab.ts';

// Indices below are in range by construction: a slot is an origin modulo the horizon.

/** Words of an origin slot before its means: origin (period number), model, scale, and whether it is in use. */
const ORIGIN = 0;
const MODEL = 1;
const SCALE = 2;
const USED = 3;
const HEADER_WORDS = 4;

/** The forecasts of one series that still wait for an actual: one slot an origin, `horizon` slots. */
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

/** Reads and writes the slots of a row; made once a task, moved from row to row, so that nothing is allocated. */
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

  /** Moves to the row of a series, which is made when there is none. */
  open(key: string): void {
    const row = this.slab.row(key);
    this.row = row;
    this.f64 = row.f64;
    this.f32 = row.f32;
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

  /** Half width of the interval of a step, before it is clipped to what the series can reach. */
  half(step: number, level: number): number {
    return this.f32[this.halfIndex(step, level)] as number;
  }

  /** Takes the slot that `seek` moved to for a new forecast; means and half widths follow. */
  begin(origin: number, model: number, scale: number): void {
    const { row, layout, word } = this;
    if (row !== undefined) this.slab.touch(row, word * 8, word * 8 + layout.slotBytes);
    this.f64[word + ORIGIN] = origin;
    this.f64[word + MODEL] = model;
    this.f64[word + SCALE] = scale;
    this.f64[word + USED] = 1;
  }

  setMean(step: number, mean: number): void {
    this.f64[this.word + HEADER_WORDS + step - 1] = mean;
  }

  setHalf(step: number, level: number, half: number): void {
    this.f32[this.halfIndex(step, level)] = half;
  }

  private halfIndex(step: number, level: number): number {
    const { horizon, levelCount } = this.layout;
    return (this.word + HEADER_WORDS + horizon) * 2 + (step - 1) * levelCount + level;
  }
}
