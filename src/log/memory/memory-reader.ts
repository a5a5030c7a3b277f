import type { LogReader, LogRecord, PollLimits, Polled } from '../log.ts';
import { offset, type Offset } from '../offset.ts';
import type { MemoryPartition } from './memory-partition.ts';

const bytesOf = ({ key, value }: LogRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

/** A cursor over the committed records of a partition in memory. */
export class MemoryReader implements LogReader {
  readonly topic: string;
  readonly partition: number;
  private readonly source: MemoryPartition;
  private readonly guarded: (run: () => Polled) => Polled;
  private next: Offset;
  private isClosed = false;

  constructor(source: MemoryPartition, from: Offset, guarded: (run: () => Polled) => Polled) {
    this.topic = source.topic;
    this.partition = source.partition;
    this.source = source;
    this.next = from;
    this.guarded = guarded;
  }

  async poll(limits: PollLimits): Promise<Polled> {
    const polled = this.guarded(() => this.read(limits));
    this.next = polled.next;
    this.source.readTo(polled.next);
    return polled;
  }

  async more(signal: AbortSignal): Promise<void> {
    if (this.isClosed || this.source.offsets.stableEnd > this.next) return;
    await this.source.waiters.changed(signal);
  }

  seek(next: Offset): void {
    this.next = next;
  }

  close(): void {
    this.isClosed = true;
    this.source.waiters.wake();
  }

  private read({ maxRecords, maxBytes }: PollLimits): Polled {
    this.source.refuseOutOfRange(this.next);
    const { stableEnd } = this.source.offsets;
    const records: LogRecord[] = [];
    let bytes = 0;
    let position: number = this.next;
    for (; position < stableEnd; position += 1) {
      const record = this.source.at(position);
      if (record === undefined) continue;
      bytes += bytesOf(record);
      if (records.length >= maxRecords || (records.length > 0 && bytes > maxBytes)) break;
      records.push(record);
    }
    return { records, next: offset(position) };
  }
}
