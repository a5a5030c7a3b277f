/** A process takes a partition of a topology over; the record's offset is its epoch. */
export interface Claim {
  /** Names the process; fresh for each start. */
  readonly instance: string;
  /** Where its HTTP answers; empty without one. */
  readonly address: string;
  /** Epoch ms by the configured clock. */
  readonly claimedAtMs: number;
}
