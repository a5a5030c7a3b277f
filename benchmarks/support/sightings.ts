import { systemClock } from '../../src/core/clock.ts';
import type { LogReader } from '../../src/log/log.ts';
import { FIRST_OFFSET } from '../../src/log/offset.ts';
import { indexOfSeries } from './bench-stream.ts';
import { PARTITIONS, type Loop } from './loop.ts';

const POLL_LIMITS = { maxRecords: 10_000, maxBytes: 16 << 20 };

/** A committed reader that tails all forecasts and notes when it saw each of them. */
export class Sightings {
  private readonly series: number;
  /** Forecasts seen of each series: the first of it follows from its first observation. */
  private readonly seen: Int32Array;
  /** When each was seen, in the order of the observations, monotonic ms. */
  private readonly byObservation: number[] = [];
  /** The same, in the order of the sightings. */
  private readonly inOrder: number[] = [];
  private readonly stopping = new AbortController();
  private readonly readers: readonly Promise<void>[];

  constructor({ shape, bench }: Loop) {
    this.series = shape.series;
    this.seen = new Int32Array(shape.series);
    const { name } = bench.parts.topics.forecasts;
    this.readers = Array.from({ length: PARTITIONS }, (_, partition) =>
      this.tail(bench.log.reader(name, partition, FIRST_OFFSET)),
    );
  }

  get count(): number {
    return this.inOrder.length;
  }

  /**
   * Forecasts a second from the nth on until the last. They come by commits, thousands at a time:
   * those that were seen with the nth are no part of it.
   */
  rateAfter(nth: number): number {
    const { inOrder, count } = this;
    const begunMs = inOrder[nth] ?? NaN;
    const last = inOrder[count - 1] ?? NaN;
    let first = nth;
    while (first < count && inOrder[first] === begunMs) first += 1;
    return ((count - first) * 1_000) / (last - begunMs);
  }

  /** When the forecast of the nth observation was seen; NaN when it was not. */
  of(nth: number): number {
    return this.byObservation[nth] ?? NaN;
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.readers);
  }

  private async tail(reader: LogReader): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const { records } = await reader.poll(POLL_LIMITS);
      const nowMs = systemClock.monotonic();
      for (const { key } of records) this.note(key, nowMs);
      if (records.length === 0) await reader.more(signal);
    }
    reader.close();
  }

  private note(key: Buffer | null, nowMs: number): void {
    if (key === null) return;
    const index = indexOfSeries(key);
    const earlier = this.seen[index] ?? 0;
    this.seen[index] = earlier + 1;
    this.byObservation[earlier * this.series + index] = nowMs;
    this.inOrder.push(nowMs);
  }
}
