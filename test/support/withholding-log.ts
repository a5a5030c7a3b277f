import type {
  AssignmentListener,
  GroupDefinition,
  GroupMemberState,
  GroupOffset,
  Log,
  LogReader,
  Membership,
  PartitionOffsets,
  Polled,
  PollLimits,
  TopicDifference,
  TopicOffsets,
  TopicState,
  TransactionalProducer,
} from '../../src/log/log.ts';
import type { Offset } from '../../src/log/offset.ts';
import { Waiters } from '../../src/log/waiters.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';

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
export class WithholdingLog implements Log {
  private readonly log: Log;
  private readonly withheld: string;
  private readonly waiters = new Waiters();
  private released = 0;

  constructor(log: Log, withheld: string) {
    this.log = log;
    this.withheld = withheld;
  }

  /** Lets the next partition through. */
  release(): void {
    this.released += 1;
    this.waiters.wake();
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    const offsets = await this.log.offsets(topic, partition);
    return this.isOpen(topic, partition) ? offsets : { ...offsets, stableEnd: offsets.start };
  }

  reader(topic: string, partition: number, from: Offset): LogReader {
    const isOpen = (): boolean => this.isOpen(topic, partition);
    const { waiters } = this;
    return new WithheldReader(this.log.reader(topic, partition, from), from, { isOpen, waiters });
  }

  ensureTopics(definitions: readonly TopicDefinition[]): Promise<void> {
    return this.log.ensureTopics(definitions);
  }

  topics(): Promise<readonly TopicState[]> {
    return this.log.topics();
  }

  compareTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return this.log.compareTopics(wanted);
  }

  repairTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return this.log.repairTopics(wanted);
  }

  async offsetsOf(topics: readonly string[]): Promise<readonly TopicOffsets[]> {
    return (await this.log.offsetsOf(topics)).map(({ topic, offsets }) => ({
      topic,
      offsets: offsets.map((one, partition) =>
        this.isOpen(topic, partition) ? one : { ...one, stableEnd: one.start },
      ),
    }));
  }

  groupMembers(group: string): Promise<readonly GroupMemberState[]> {
    return this.log.groupMembers(group);
  }

  producer(transactionalId: string): Promise<TransactionalProducer> {
    return this.log.producer(transactionalId);
  }

  groupOffsets(group: string): Promise<readonly GroupOffset[]> {
    return this.log.groupOffsets(group);
  }

  join(group: GroupDefinition, listener: AssignmentListener): Promise<Membership> {
    return this.log.join(group, listener);
  }

  sync(): Promise<void> {
    return this.log.sync();
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private isOpen(topic: string, partition: number): boolean {
    return topic !== this.withheld || partition < this.released;
  }
}
