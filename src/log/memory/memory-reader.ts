import type { LogReader, LogRecord, PollLimits, Polled } from '../log.ts';
import { offset, type Offset } from '../offset.ts';
import type { FaultPoint, LogCall } from './faults.ts';
import type { MemoryPartition } from './memory-partition.ts';

const bytesOf = ({ key, value }: LogRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

/** Called before and after each call of a reader; what it throws is what the caller sees. */
export type ReaderFaults = (call: LogCall, moment: FaultPoint['moment']) => void;

/** A cursor over the committed records of a partition in memory. */
export class MemoryReader implements LogReader {
  readonly topic: string;
  readonly partition: number;
  private readonly source: MemoryPartition;
  private readonly faults: ReaderFaults;
  private next: Offset;
  private isClosed = false;

  constructor(source: MemoryPartition, from: Offset, faults: ReaderFaults) {
    this.topic = source.topic;
    this.partition = source.partition;
    this.source = source;
    this.next = from;
    this.faults = faults;
  }

  async poll(limits: PollLimits): Promise<Polled> {
    this.faults('poll', 'before');
    const polled = this.read(limits);
    this.faults('poll', 'after');
    this.next = polled.next;
    return polled;
  }

  async more(signal: AbortSignal): Promise<void> {
    this.faults('more', 'before');
    if (!this.isClosed && this.source.offsets.stableEnd <= this.next) {
      await this.source.waiters.changed(signal);
    }
    this.faults('more', 'after');
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
