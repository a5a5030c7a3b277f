import type { ErrorProfile } from './error-profile.ts';

export interface ForecasterIdentity {
  readonly name: string;
  readonly version: string;
  /** Of the artifact; empty for a built-in. */
  readonly sha256: string;
}

/**
 * A model that is ready to forecast: feature rows in, means out. Its results do not depend on how
 * rows are batched.
 */
export interface Forecaster {
  readonly identity: ForecasterIdentity;
  /** Hash of the feature schema whose rows it takes. */
  readonly schemaHash: string;
  /** Steps that it forecasts, 1..horizon. */
  readonly horizon: number;
  /** How the means come about: `direct`, or a rung of the cold-start ladder. */
  readonly strategy: string;
  /** How far off it was where somebody judged it. */
  readonly errors?: ErrorProfile | undefined;
  /**
   * `rows` holds `count` feature vectors one after the other, in the series' own unit, NaN where a
   * value is missing. Resolves to count × horizon means, row by row, step 1 first. The rows are
   * read before the promise is returned, so the caller may use their memory again at once; unless
   * it is shared memory, which a model on another thread reads without a copy until the promise
   * settles.
   */
  predict(rows: Float64Array, count: number): Promise<Float64Array>;
  close(): Promise<void>;
}
