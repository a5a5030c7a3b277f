/**
 * Which periods of a series its ring holds while it is forecast: a correction reaches these, and
 * one of any other is put aside.
 */
export class RingSpan {
  private readonly capacity: number;
  /** The first period that the ring holds, or held before it was overwritten. */
  private start = Infinity;
  /** The latest one that was closed on arrival. */
  private closed = -Infinity;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Takes in a period that is open still: a ring begins with the first one of them. */
  open(period: number): void {
    this.start = Math.min(this.start, period);
  }

  /**
   * Takes in a period that closes on arrival; false when it is not after all before it. A jump
   * beyond the ring begins it anew.
   */
  close(period: number): boolean {
    if (period <= this.closed) return false;
    if (period - this.closed >= this.capacity) this.start = period;
    this.closed = period;
    return true;
  }

  /** Whether it holds a period when `head` was closed last. */
  holds(period: number, head = this.closed): boolean {
    return period >= this.start && period > head - this.capacity;
  }
}
