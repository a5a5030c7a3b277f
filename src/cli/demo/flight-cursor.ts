import type { FlightEvent } from '../../ingestion/flights.ts';

/** Batches of flights in time order, taken in smaller portions. */
export class FlightCursor {
  private readonly batches: AsyncIterator<readonly FlightEvent[]>;
  private batch: readonly FlightEvent[] = [];
  private at = 0;
  private hasEnded = false;

  constructor(batches: AsyncIterable<readonly FlightEvent[]>) {
    this.batches = batches[Symbol.asyncIterator]();
  }

  /** The next flights before a time, none when there is none yet; undefined: no more will come. */
  async take(beforeMs: number): Promise<readonly FlightEvent[] | undefined> {
    await this.fill();
    if (this.hasEnded) return undefined;
    const from = this.at;
    while ((this.batch[this.at]?.eventTimeMs ?? Infinity) < beforeMs) this.at += 1;
    return this.batch.slice(from, this.at);
  }

  async close(): Promise<void> {
    await this.batches.return?.();
  }

  private async fill(): Promise<void> {
    while (!this.hasEnded && this.at >= this.batch.length) {
      const next = await this.batches.next();
      if (next.done === true) this.hasEnded = true;
      else this.batch = next.value;
      this.at = 0;
    }
  }
}
