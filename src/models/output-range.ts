// Hot file: columns are in range by construction (places of names in the row's own schema), so
// typed-array reads are narrowed with `as number`.
/** How far beyond the greatest value so far a forecast may reach, as a share of it. */
export const REACH = 0.5;

/**
 * The least value that a forecast of a series may take: 0 for one that was never negative, else
 * half its range below its least value so far.
 */
export const outputFloor = (least: number, greatest: number): number =>
  least >= 0 ? 0 : least - REACH * (greatest - least);

/**
 * The greatest value that a forecast may take: 1.5 × the greatest so far, or half the range above
 * it.
 */
export const outputCeiling = (least: number, greatest: number): number =>
  least >= 0 ? (1 + REACH) * greatest : greatest + REACH * (greatest - least);

/** The column of the longest rolling minimum or maximum; −1 where there is none. */
const rangeColumn = (names: readonly string[], statistic: 'min' | 'max'): number => {
  let longest = -1;
  let column = -1;
  for (const [index, name] of names.entries()) {
    const [, window] = new RegExp(`^rolling_${statistic}_(\\d+)$`).exec(name) ?? [];
    if (window === undefined || Number(window) <= longest) continue;
    longest = Number(window);
    column = index;
  }
  return column;
};

/** What a forecast may reach by the row that it is made from, in a stream and in a backtest. */
export class OutputRange {
  private readonly least: number;
  private readonly greatest: number;

  /** Names of the columns of a row. */
  constructor(names: readonly string[]) {
    this.least = rangeColumn(names, 'min');
    this.greatest = rangeColumn(names, 'max');
  }

  /** Of the row that begins at `at`; −∞ where it knows no range. */
  floorOf(rows: Float64Array, at: number): number {
    if (!this.isKnown(rows, at)) return -Infinity;
    return outputFloor(rows[at + this.least] as number, rows[at + this.greatest] as number);
  }

  /** Of the row that begins at `at`; ∞ where it knows no range. */
  ceilingOf(rows: Float64Array, at: number): number {
    if (!this.isKnown(rows, at)) return Infinity;
    return outputCeiling(rows[at + this.least] as number, rows[at + this.greatest] as number);
  }

  private isKnown(rows: Float64Array, at: number): boolean {
    if (this.least < 0 || this.greatest < 0) return false;
    return (rows[at + this.least] as number) <= (rows[at + this.greatest] as number);
  }
}
