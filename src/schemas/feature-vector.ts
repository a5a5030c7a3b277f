/** The features of an origin, in the order of the feature schema that hashes to `schemaHash`. */
export interface FeatureVector {
  readonly seriesId: string;
  /** Epoch ms: start of the last closed period. */
  readonly origin: number;
  readonly schemaHash: string;
  readonly values: Float64Array;
}
