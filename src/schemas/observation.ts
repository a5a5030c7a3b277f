/** Largest size of a value: errors are squared and summed, and must stay finite then. */
export const VALUE_SIZE_MAX = 1e150;

/**
 * A measured value of a series, or of one event of an aggregated stream (then `eventTime` is the
 * event's own).
 */
export interface Observation {
  readonly seriesId: string;
  /** Epoch ms. */
  readonly eventTime: number;
  /** null: known to be missing. */
  readonly value: number | null;
  readonly attributes: Readonly<Record<string, string>>;
}
