// Hot file: indices are in range by construction (the caller's arrays have room for the horizon),
// so typed-array reads are narrowed with `as number`.

/** Rungs below the opponents. */
export const LAST_VALUE = 'last-value';
export const NOTHING = 'none';

const SLOT_MEAN = 'slot-mean';

export interface LadderInput {
  /**
   * What each opponent says of each step: horizon × opponents from `naiveAt`, NaN where it is
   * silent.
   */
  readonly naive: Float64Array;
  readonly naiveAt: number;
  /** The latest known value; NaN if there is none. */
  readonly last: number;
  /** Gets `horizon` means from `outAt`. */
  readonly out: Float64Array;
  readonly outAt: number;
}

/**
 * The cold-start ladder: what a series is forecast by that has no model, or too little history for
 * it. Each step stands on the highest rung that it has: the slot mean, the value one season
 * earlier, the last value, nothing (NaN).
 */
export class NaiveLadder {
  private readonly names: readonly string[];
  private readonly horizon: number;
  /** Columns of the opponents, best first. */
  private readonly order: Int32Array;

  /** `names` are the opponents in the order of their values. */
  constructor(names: readonly string[], horizon: number) {
    this.names = names;
    this.horizon = horizon;
    const columns = [...names.keys()];
    const isMean = (column: number): number => (names[column] === SLOT_MEAN ? 0 : 1);
    this.order = Int32Array.from(columns.sort((one, other) => isMean(one) - isMean(other)));
  }

  /** Fills the means; returns the name of the rung that step 1 stands on. */
  write({ naive, naiveAt, last, out, outAt }: LadderInput): string {
    const width = this.names.length;
    let rung = NOTHING;
    for (let step = this.horizon - 1; step >= 0; step -= 1) {
      const at = naiveAt + step * width;
      const column = this.columnAt(naive, at);
      out[outAt + step] = column < 0 ? last : (naive[at + column] as number);
      rung = column < 0 ? LAST_VALUE : (this.names[column] ?? NOTHING);
    }
    return Number.isNaN(out[outAt]) ? NOTHING : rung;
  }

  /** The best opponent that has something to say; −1 for none. */
  private columnAt(naive: Float64Array, at: number): number {
    for (const column of this.order) {
      if (!Number.isNaN(naive[at + column])) return column;
    }
    return -1;
  }
}
