import type { ErrorProfile } from '../../../models/error-profile.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';

/** A model that is ready to forecast: rows in, `horizon` means a row out. */
export interface ReadyModel {
  /** How its means come about, for the record. */
  readonly strategy: string;
  /** How far off it was where somebody judged it. */
  readonly errors?: ErrorProfile | undefined;
  /**
   * `rows`: count × feature width, row by row, read before this returns. Resolves to count ×
   * horizon means.
   */
  predict(rows: Float64Array, count: number): Promise<Float64Array>;
}

/** Where tasks get models from; it keeps what is in use open, and shares it between tasks. */
export interface ModelShelf {
  /** Throws when the artifact is missing, or does not agree with the features of this stream. */
  load(model: ModelRef): Promise<ReadyModel>;
}
