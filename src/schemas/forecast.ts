/** In the order of the schema's symbols. */
export const MODEL_ROLES = ['champion', 'shadow', 'fallback'] as const;

export type ModelRole = (typeof MODEL_ROLES)[number];

/** Which model spoke; `sha256` is of its artifact, or empty for a built-in. */
export interface ModelRef {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly role: ModelRole;
}

export interface ForecastInterval {
  /** Percent, as 80. */
  readonly level: number;
  /** One bound a step, in the series' unit. */
  readonly lower: Float32Array;
  readonly upper: Float32Array;
}

export interface SourceOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export type ForecastTrigger = 'observation' | 'schedule' | 'request';

export interface Forecast {
  readonly forecastId: string;
  readonly seriesId: string;
  /** Epoch ms: start of the last closed period that the forecast may know. */
  readonly origin: number;
  /** A duration as in the configuration: `1h`. */
  readonly frequency: string;
  readonly horizon: number;
  /** One mean a step, step 1 first. */
  readonly mean: Float64Array;
  readonly intervals: readonly ForecastInterval[];
  readonly model: ModelRef;
  readonly schemaHash: string;
  /** How the mean came about: `direct`, or the rung of the cold-start ladder. */
  readonly strategy: string;
  readonly source: SourceOffset;
  readonly trigger: ForecastTrigger;
  /** Append time of the triggering record, epoch ms. */
  readonly generatedAt: number;
}
