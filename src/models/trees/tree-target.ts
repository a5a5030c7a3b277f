export const TREE_STARTS = ['anchor', 'level', 'slot', 'before'] as const;

/**
 * What a target is told relative to: the anchor of its step; the latest level of the series; the
 * mean of its slot, moved by what the series was off such means over the last short season; or that
 * mean, moved by what the step before is off its own.
 */
export type TreeStart = (typeof TREE_STARTS)[number];

/**
 * How: by the distance in units of the scale, or by that of logarithms, in which the high hours of
 * a busy day lie no farther out than the low ones. Both agree close to the start.
 */
export type TreeLink = 'identity' | 'log';

/** In which terms trees learn a target. */
export interface TreeTarget {
  readonly start: TreeStart;
  readonly link: TreeLink;
}

/** What is added before a logarithm is taken, in units of the scale: counts may be zero. */
export const LOG_OFFSET = 0.5;

/** Where a step begins, and the unit of its series; the scale is above zero. */
export interface Origin {
  readonly start: number;
  readonly scale: number;
}

/** identity: start + scale · value; log: (start₊ + o)·exp(value · scale / (start₊ + o)) − o. */
export const meanOf = (link: TreeLink, { start, scale }: Origin, value: number): number => {
  if (link === 'identity') return start + scale * value;
  const offset = LOG_OFFSET * scale;
  const base = Math.max(0, start) + offset;
  return base * Math.exp((value * scale) / base) - offset;
};

/** The value of which `meanOf` makes the actual; one below zero counts as zero in logarithms. */
export const valueOf = (link: TreeLink, { start, scale }: Origin, actual: number): number => {
  if (link === 'identity') return (actual - start) / scale;
  const offset = LOG_OFFSET * scale;
  const base = Math.max(0, start) + offset;
  return (Math.log((Math.max(0, actual) + offset) / base) * base) / scale;
};
