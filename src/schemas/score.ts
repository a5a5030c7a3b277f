import type { ModelRef } from './forecast.ts';

/** What one earlier forecast said of this target, and what its naive opponents would have said. */
export interface ScoredStep {
  /** 1..horizon. */
  readonly step: number;
  readonly mean: number;
  /** One bound a level of the score. */
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** One value a name of the score's `naiveNames`. */
  readonly naive: Float32Array;
  /** Mean absolute seasonal difference up to the origin: the denominator of MASE. */
  readonly scale: number;
}

/** An actual against every forecast of one model that targeted it. */
export interface Score {
  readonly seriesId: string;
  /** Epoch ms: start of the period scored. */
  readonly target: number;
  readonly actual: number;
  /** 0 first; + 1 whenever a correction supersedes an earlier score of this target. */
  readonly revision: number;
  /** The actual that this one supersedes, for sums to take out again; null at revision 0. */
  readonly supersededActual: number | null;
  readonly model: ModelRef;
  /** Percent. */
  readonly levels: Float64Array;
  readonly naiveNames: readonly string[];
  readonly steps: readonly ScoredStep[];
}
