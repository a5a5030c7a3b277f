/**
 * Called once for each block, or page of blocks, that changed, with the bytes as they now stand, or
 * null when the key is gone.
 */
export type BlockVisitor = (block: number, key: string, bytes: Uint8Array | null) => void;

/** One store of one task, in memory. Changes are undone or committed as a whole, batch by batch. */
export interface StateRoom {
  /** `name@version`. */
  readonly room: string;
  /** Bytes held for the state itself, for the budget and for metrics. */
  readonly sizeBytes: number;
  /** How many keys it holds. */
  readonly size: number;
  /** Takes a block from the changelog. */
  restore(block: number, key: string, bytes: Uint8Array | null): void;
  /** Takes a page from the store, which has it already. */
  load(page: number, key: string, bytes: Uint8Array): void;
  /** Visits what this batch touched. The bytes are a view: copy or write them at once. */
  visitTouched(visit: BlockVisitor): void;
  /** This batch is in the log: what it touched is now what the store lacks. */
  committed(): void;
  /** This batch failed: memory is again what the log says. */
  rollback(): void;
  /**
   * Begins a round of what the store lacks: every page with something that was committed up to now.
   * What the round before left must have been taken.
   */
  beginFlush(): void;
  /**
   * Takes at most so many pages of the round, as they now stand; returns how many. Fewer than asked
   * for: the round is over.
   */
  takeUnflushed(max: number, visit: BlockVisitor): number;
}
