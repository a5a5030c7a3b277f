import type { SourceOffset } from './forecast.ts';
import type { Observation } from './observation.ts';

/** An event whose period had ended at its own raw partition's watermark. */
export interface LateObservation {
  readonly observation: Observation;
  /** Epoch ms. */
  readonly watermark: number;
  readonly source: SourceOffset;
}
