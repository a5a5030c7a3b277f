/** Lends memory of at least so many bytes. */
export type Lend = (bytes: number) => Buffer;

/** What one send borrows. */
export interface Borrowed {
  readonly lend: Lend;
  /** To be called once a broker has answered: what it was sent is then read by nobody any more. */
  giveBack(): void;
}

const LEAST_BYTES = 16 << 10;
/** Batches are cut below it; a larger record is alone in its own, which is not kept. */
const MOST_BYTES = 1 << 20;
/** What lies free, all sizes together: some commits of several tasks. */
const KEPT_BYTES_MAX = 32 << 20;

const sizeFor = (bytes: number): number => {
  let size = LEAST_BYTES;
  while (size < bytes) size *= 2;
  return size;
};

/**
 * Memory of batches, lent again and again: fresh memory for each costs the system a page at a time,
 * and the collector a look at all that is alive.
 */
export class BatchMemory {
  /** By size; the one that was used last is lent next. */
  private readonly free = new Map<number, Buffer[]>();
  private freeBytes = 0;

  borrow(): Borrowed {
    const lent: Buffer[] = [];
    return {
      lend: (bytes) => {
        if (bytes > MOST_BYTES) return Buffer.allocUnsafeSlow(bytes);
        const one = this.take(sizeFor(bytes));
        lent.push(one);
        return one;
      },
      giveBack: () => {
        for (const one of lent.splice(0)) this.keep(one);
      },
    };
  }

  private take(size: number): Buffer {
    const found = this.free.get(size)?.pop();
    if (found === undefined) return Buffer.allocUnsafeSlow(size);
    this.freeBytes -= size;
    return found;
  }

  private keep(one: Buffer): void {
    if (this.freeBytes + one.length > KEPT_BYTES_MAX) return;
    this.freeBytes += one.length;
    const known = this.free.get(one.length);
    if (known === undefined) this.free.set(one.length, [one]);
    else known.push(one);
  }
}
