import type { Clock } from '../core/clock.ts';

/**
 * How far behind the positions of a consumer group may be while commits go on. They are for lag
 * tools, which ask every few seconds; written with each commit they would be two of its five
 * requests.
 */
const TOLD_EVERY_MS = 1_000;

/** When the consumer group is told what a task has committed. */
export class GroupPositions {
  private readonly clock: Clock;
  private toldAtMs = -Infinity;
  private isBehind = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whether the group does not know of all commits. */
  get areBehind(): boolean {
    return this.isBehind;
  }

  /** Whether a commit is to carry them: the first does, so that a lost changelog is noticed. */
  get areDue(): boolean {
    return this.clock.monotonic() - this.toldAtMs >= TOLD_EVERY_MS;
  }

  /** After each commit. */
  committed(isTold: boolean): void {
    this.isBehind = !isTold;
    if (isTold) this.toldAtMs = this.clock.monotonic();
  }
}
