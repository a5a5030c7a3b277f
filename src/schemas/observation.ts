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

/** Largest size of a value: errors are squared and summed, and must stay finite then. */
const VALUE_SIZE_MAX = 1e150;

/** Why a number is no value that a window may hold; undefined when it is one. */
export const valueRefusal = (
  value: number,
):
  | { readonly reason: 'VALUE_NOT_A_NUMBER' | 'VALUE_OUT_OF_RANGE'; readonly detail: string }
  | undefined => {
  if (Math.abs(value) <= VALUE_SIZE_MAX) return undefined;
  return Number.isFinite(value)
    ? {
        reason: 'VALUE_OUT_OF_RANGE',
        detail: `${value} is larger than ${VALUE_SIZE_MAX} in size; choose a larger unit`,
      }
    : {
        reason: 'VALUE_NOT_A_NUMBER',
        detail: `${value} is no finite number; write null where it is known to be missing`,
      };
};
