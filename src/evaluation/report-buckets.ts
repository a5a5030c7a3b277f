/** Neighbouring steps that are looked at together, both ends included; the first step is 1. */
export interface StepBucket {
  readonly from: number;
  readonly to: number;
}

/** As many columns as a line of a terminal and a phone have room for. */
const BUCKETS_MAX = 8;

/** All steps of a horizon in equal parts, of which the last may be shorter. */
export const reportBuckets = (horizon: number): readonly StepBucket[] => {
  const size = Math.max(1, Math.ceil(horizon / BUCKETS_MAX));
  return Array.from({ length: Math.ceil(horizon / size) }, (_, index) => ({
    from: index * size + 1,
    to: Math.min(horizon, (index + 1) * size),
  }));
};

/** `1` or `4-6`. */
export const bucketName = ({ from, to }: StepBucket): string =>
  from === to ? String(from) : `${from}-${to}`;
