/** A block of a task's state; the record's key names store, series and block. */
export interface StateBlock {
  readonly data: Uint8Array;
}
