import type {
  Log,
  LogReader,
  PartitionOffsets,
  Polled,
  PollLimits,
  TopicOffsets,
} from '../../src/log/log.ts';
import type { Offset } from '../../src/log/offset.ts';
import { Waiters } from '../../src/log/waiters.ts';
import { ForwardingLog } from './forwarding-log.ts';

interface Gate {
  readonly isOpen: () => boolean;
  /** Woken when partitions are released. */
  readonly waiters: Waiters;
}

/** A reader that finds nothing while its partition is withheld. */
class WithheldReader implements LogReader {
  readonly topic: string;
  readonly partition: number;
  private readonly reader: LogReader;
  private readonly gate: Gate;
  private next: Offset;

  constructor(reader: LogReader, from: Offset, gate: Gate) {
    this.topic = reader.topic;
    this.partition = reader.partition;
    this.reader = reader;
    this.gate = gate;
    this.next = from;
  }

  async poll(limits: PollLimits): Promise<Polled> {
    if (!this.gate.isOpen()) return { records: [], next: this.next };
    const polled = await this.reader.poll(limits);
    this.next = polled.next;
    return polled;
  }

  more(signal: AbortSignal): Promise<void> {
    return this.gate.isOpen() ? this.reader.more(signal) : this.gate.waiters.changed(signal);
  }

  seek(next: Offset): void {
    this.next = next;
    this.reader.seek(next);
  }

  close(): void {
    this.reader.close();
  }
}

/**
 * A log that withholds the partitions of one topic until each is released, the first one first, as
 * if a transaction were open there from its beginning. Of all else it is the log that it is given.
 */
export class WithholdingLog extends ForwardingLog {
  private readonly withheld: string;
  private readonly waiters = new Waiters();
  private released = 0;

  constructor(log: Log, withheld: string) {
    super(log);
    this.withheld = withheld;
  }

  /** Lets the next partition through. */
  release(): void {
    this.released += 1;
    this.waiters.wake();
  }

  override async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    const offsets = await this.log.offsets(topic, partition);
    return this.isOpen(topic, partition) ? offsets : { ...offsets, stableEnd: offsets.start };
  }

  override reader(topic: string, partition: number, from: Offset): LogReader {
    const isOpen = (): boolean => this.isOpen(topic, partition);
    const { waiters } = this;
    return new WithheldReader(this.log.reader(topic, partition, from), from, { isOpen, waiters });
  }

  override async offsetsOf(topics: readonly string[]): Promise<readonly TopicOffsets[]> {
    return (await this.log.offsetsOf(topics)).map(({ topic, offsets }) => ({
      topic,
      offsets: offsets.map((one, partition) =>
        this.isOpen(topic, partition) ? one : { ...one, stableEnd: one.start },
      ),
    }));
  }

  private isOpen(topic: string, partition: number): boolean {
    return topic !== this.withheld || partition < this.released;
  }
}
