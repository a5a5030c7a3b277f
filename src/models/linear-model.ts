// Hot file: indices are in range by construction (columns come from the design of the same width),
// so typed-array reads are narrowed with `as number`.
import { outputCeiling, outputFloor } from './output-range.ts';

/**
 * Inputs, and the relative target when it is learnt, are cut at these; a linear model pays dearly
 * for outliers.
 */
export const INPUT_CLIP = 15;
export const TARGET_CLIP = 8;
/** A series that never moved has no scale; it is forecast in its own unit. */
export const SCALE_MIN = 1e-9;
/** No such column. */
export const NONE = -1;

/** One input that is the same for all steps. */
export type ScalarInput =
  /** (value − reference) / scale; a reference of `NONE` is 0. */
  | { readonly kind: 'relative'; readonly column: number; readonly reference: number }
  /** (value − centre) / spread. */
  | {
      readonly kind: 'plain';
      readonly column: number;
      readonly centre: number;
      readonly spread: number;
    };

/** One input that has a value for each step; `column` is that of step 1. */
export type ProfileInput =
  /** (value − anchor) / scale. */
  | { readonly kind: 'shape'; readonly column: number }
  /** value / scale: it is a difference already. */
  | { readonly kind: 'difference'; readonly column: number }
  /** The value as it is: calendar. */
  | { readonly kind: 'plain'; readonly column: number }
  /** (anchor − the value of a scalar column) / scale. */
  | { readonly kind: 'position'; readonly column: number };

/** How a linear model reads a feature row. Missing inputs count as 0. */
export interface LinearDesign {
  /** Columns of a row. */
  readonly width: number;
  readonly horizon: number;
  /** Column of the unit of a series; where it is `NONE`, all have `unit`. */
  readonly scale: number;
  readonly unit: number;
  /** Column of the series' latest level; `NONE` where there is none. */
  readonly level: number;
  /**
   * First column of the long mean of each target's slot, and that of how far the series was off
   * such means over the last short season; `NONE` where there is none.
   */
  readonly slotMean: number;
  readonly deviation: number;
  /**
   * Columns of how far the series was off such means in its latest periods, the last one first, for
   * a model that goes on from there by its own forecasts; empty for all others.
   */
  readonly feedback: readonly number[];
  /** Column that is 1 for a series of counts, whose means are rounded; `NONE` without one. */
  readonly whole: number;
  /**
   * Column of a value that all steps start from; `NONE` where each has its anchor. An input that
   * took them there would be cut off where a series jumped.
   */
  readonly start: number;
  /**
   * First columns of the profiles that forecasts start from; the next one fills what is missing in
   * the one before, and the level what is missing in all.
   */
  readonly anchors: readonly number[];
  /** Columns of the least and the greatest value so far, which bound what may be forecast. */
  readonly least: number;
  readonly greatest: number;
  readonly scalars: readonly ScalarInput[];
  readonly profiles: readonly ProfileInput[];
}

/**
 * mean[h] = anchor[h] + scale · (intercept[h] + Σᵢ scalar[h, i]·xᵢ + Σⱼ profile[h, j]·p[h, j]),
 * within the output range.
 */
export interface LinearModel {
  readonly design: LinearDesign;
  /** horizon × scalars, horizon × profiles, horizon. */
  readonly scalarWeights: Float64Array;
  readonly profileWeights: Float64Array;
  readonly intercepts: Float64Array;
}

/** What becomes of an input before a model takes it. */
type Usable = (value: number) => number;

/** Missing is 0, and nothing is far out. */
export const usable: Usable = (value) => {
  // A NaN fails both comparisons.
  if (value >= INPUT_CLIP) return INPUT_CLIP;
  if (value <= -INPUT_CLIP) return -INPUT_CLIP;
  return Number.isNaN(value) ? 0 : value;
};

/** A series that never moved is forecast in its own unit. */
export const usableScale = (scale: number): number => (scale > SCALE_MIN ? scale : 1);

/** The inputs of one row at a time; its arrays are overwritten by the next `read`. */
export class LinearInputs {
  readonly design: LinearDesign;
  scale = 1;
  readonly anchor: Float64Array;
  /** 0 where a step lacks its anchor: it counts as 0 for the inputs, and has no mean. */
  readonly isAnchored: Uint8Array;
  readonly scalars: Float64Array;
  /** Step by step: horizon × profiles. */
  readonly profiles: Float64Array;
  private readonly usable: Usable;

  /** Without `usable` a missing input is 0, and one that is far out is cut off. */
  constructor(design: LinearDesign, asUsable = usable) {
    this.design = design;
    this.usable = asUsable;
    this.anchor = new Float64Array(design.horizon);
    this.isAnchored = new Uint8Array(design.horizon);
    this.scalars = new Float64Array(design.scalars.length);
    this.profiles = new Float64Array(design.horizon * design.profiles.length);
  }

  read(rows: Float64Array, at: number): void {
    const { design } = this;
    this.scale = usableScale(
      design.scale === NONE ? design.unit : (rows[at + design.scale] as number),
    );
    this.readAnchor(rows, at);
    for (const [index, input] of design.scalars.entries()) {
      this.scalars[index] = this.usable(scalarValue(input, rows, { at, scale: this.scale }));
    }
    for (const [index, input] of design.profiles.entries()) {
      this.readProfile(input, index, { rows, at });
    }
  }

  private readAnchor(rows: Float64Array, at: number): void {
    const { anchor, design } = this;
    anchor.fill(design.start === NONE ? Number.NaN : (rows[at + design.start] as number));
    for (const column of design.anchors) {
      for (let step = 0; step < anchor.length; step += 1) {
        if (Number.isNaN(anchor[step])) anchor[step] = rows[at + column + step] as number;
      }
    }
    this.fillAnchor(design.level === NONE ? Number.NaN : (rows[at + design.level] as number));
  }

  private fillAnchor(level: number): void {
    const { anchor, isAnchored, design } = this;
    const isRelative = design.start !== NONE || design.anchors.length > 0;
    const otherwise = isRelative ? level : 0;
    for (let step = 0; step < anchor.length; step += 1) {
      if (Number.isNaN(anchor[step])) anchor[step] = otherwise;
      const isMissing = Number.isNaN(anchor[step]);
      isAnchored[step] = isMissing ? 0 : 1;
      if (isMissing) anchor[step] = 0;
    }
  }

  private readProfile(
    { kind, column }: ProfileInput,
    index: number,
    { rows, at }: { readonly rows: Float64Array; readonly at: number },
  ): void {
    const { anchor, profiles, scale } = this;
    const count = this.design.profiles.length;
    const from = at + column;
    for (let step = 0; step < anchor.length; step += 1) {
      let value: number;
      if (kind === 'shape')
        value = ((rows[from + step] as number) - (anchor[step] as number)) / scale;
      else if (kind === 'difference') value = (rows[from + step] as number) / scale;
      else if (kind === 'plain') value = rows[from + step] as number;
      else value = ((anchor[step] as number) - (rows[from] as number)) / scale;
      profiles[step * count + index] = this.usable(value);
    }
  }
}

const scalarValue = (
  input: ScalarInput,
  rows: Float64Array,
  { at, scale }: { readonly at: number; readonly scale: number },
): number => {
  const value = rows[at + input.column] as number;
  if (input.kind === 'plain') return (value - input.centre) / input.spread;
  const reference = input.reference === NONE ? 0 : (rows[at + input.reference] as number);
  return (value - reference) / scale;
};

/**
 * Means of a row that `inputs` has read, clipped to the output range; what the ONNX graph computes,
 * in plain steps, before it rounds counts.
 */
export const linearMeans = (
  model: LinearModel,
  inputs: LinearInputs,
  { row, at, out }: { readonly row: Float64Array; readonly at: number; readonly out: Float64Array },
): void => {
  const { design, scalarWeights, profileWeights, intercepts } = model;
  const { scalars, profiles, anchor, isAnchored, scale } = inputs;
  const { floor, ceiling } = outputRange(design, row, at);
  const scalarCount = scalars.length;
  const profileCount = design.profiles.length;
  for (let step = 0; step < design.horizon; step += 1) {
    let sum = intercepts[step] as number;
    for (let i = 0; i < scalarCount; i += 1) {
      sum += (scalarWeights[step * scalarCount + i] as number) * (scalars[i] as number);
    }
    for (let j = 0; j < profileCount; j += 1) {
      const index = step * profileCount + j;
      sum += (profileWeights[index] as number) * (profiles[index] as number);
    }
    const start = isAnchored[step] === 1 ? (anchor[step] as number) : Number.NaN;
    out[step] = Math.min(ceiling, Math.max(floor, start + scale * sum));
  }
};

interface BoundRule {
  readonly at: number;
  readonly of: (least: number, greatest: number) => number;
  readonly none: number;
}

/**
 * What may be forecast of a row: the least and the greatest mean. A series that had but one value
 * in all of the window is forecast to keep it.
 */
export const outputRange = (
  design: LinearDesign,
  row: Float64Array,
  at: number,
): { readonly floor: number; readonly ceiling: number } => ({
  floor: bound(design, row, { at, of: unlessFlat(outputFloor), none: -Infinity }),
  ceiling: bound(design, row, { at, of: unlessFlat(outputCeiling), none: Infinity }),
});

const unlessFlat =
  (of: BoundRule['of']): BoundRule['of'] =>
  (least, greatest) =>
    least === greatest ? least : of(least, greatest);

const bound = (design: LinearDesign, row: Float64Array, { at, of, none }: BoundRule): number => {
  if (design.least === NONE || design.greatest === NONE) return none;
  const value = of(row[at + design.least] as number, row[at + design.greatest] as number);
  return Number.isNaN(value) ? none : value;
};
