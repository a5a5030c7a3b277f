import { assert } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { LogError } from '../errors.ts';
import {
  differencesOfAll,
  lowered,
  raised,
  repairByEnsuring,
  surplusOfAll,
} from '../definition-differences.ts';
import { GroupCoordinator } from '../group-coordinator.ts';
import type {
  AssignmentListener,
  GroupDefinition,
  GroupMemberState,
  GroupOffset,
  Log,
  LogReader,
  LogRecord,
  Membership,
  OutgoingRecord,
  PartitionOffsets,
  TopicDifference,
  TopicOffsets,
  TopicState,
  TransactionalProducer,
} from '../log.ts';
import type { Offset } from '../offset.ts';
import { offsetsAmong } from '../offsets-among.ts';
import { refuseMismatch } from '../topic-mismatch.ts';
import { noFaults, type FaultPoint, type Faults, type LogCall } from './faults.ts';
import { MemoryPartition } from './memory-partition.ts';
import { MemoryProducer } from './memory-producer.ts';
import { MemoryReader } from './memory-reader.ts';
import { MemoryTransaction } from './memory-transaction.ts';

export interface MemoryLogOptions {
  readonly clock: Clock;
  /** Called before and after every call of the port. */
  readonly faults?: Faults;
}

/** A record without its place, for `append`. */
export type BareRecord = Pick<OutgoingRecord, 'key' | 'value' | 'headers'>;

interface MemoryTopic {
  definition: TopicDefinition;
  readonly partitions: readonly MemoryPartition[];
}

const NOTHING = (): void => undefined;

/** The log of tests: transactional, in memory, with faults on demand. */
export class MemoryLog implements Log {
  private readonly clock: Clock;
  private readonly faults: Faults;
  private readonly byName = new Map<string, MemoryTopic>();
  private readonly producers = new Map<string, MemoryProducer>();
  private readonly positions = new Map<string, GroupOffset>();
  private readonly groups = new GroupCoordinator();
  private isClosed = false;

  constructor({ clock, faults = noFaults }: MemoryLogOptions) {
    this.clock = clock;
    this.faults = faults;
  }

  async ensureTopics(definitions: readonly TopicDefinition[]): Promise<void> {
    this.guarded('ensureTopics', definitions.map(({ name }) => name).join(), () => {
      for (const definition of definitions) this.ensure(definition);
    });
  }

  async topics(): Promise<readonly TopicState[]> {
    return this.guarded('topics', '', () =>
      [...this.byName.values()].map(({ definition, partitions }) => ({
        definition,
        offsets: partitions.map(({ offsets }) => offsets),
      })),
    );
  }

  async compareTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return this.guarded('topics', '', () =>
      differencesOfAll(wanted, (name) => this.byName.get(name)?.definition),
    );
  }

  repairTopics(definitions: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return repairByEnsuring(this, definitions);
  }

  async lowerTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return this.guarded('ensureTopics', '', () => {
      const surplus = surplusOfAll(wanted, (name) => this.byName.get(name)?.definition);
      for (const definition of wanted) {
        const found = this.byName.get(definition.name);
        if (found !== undefined) found.definition = lowered(found.definition, definition);
      }
      return surplus;
    });
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    return this.guarded('offsets', `${topic}/${partition}`, () => {
      return this.partition(topic, partition).offsets;
    });
  }

  async offsetsOf(names: readonly string[]): Promise<readonly TopicOffsets[]> {
    return offsetsAmong(await this.topics(), names);
  }

  async producer(transactionalId: string): Promise<TransactionalProducer> {
    return this.guarded('producer', transactionalId, () => {
      this.producers.get(transactionalId)?.fence();
      const producer = new MemoryProducer(transactionalId, {
        partition: (topic, partition) => this.partition(topic, partition),
        now: () => this.clock.now(),
        fault: (...point) => {
          this.fault(...point);
        },
        visible: (offsets) => {
          this.visible(offsets);
        },
      });
      this.producers.set(transactionalId, producer);
      return producer;
    });
  }

  reader(topic: string, partition: number, from: Offset): LogReader {
    const target = this.partition(topic, partition);
    const subject = `${topic}/${partition}`;
    return new MemoryReader(target, from, (call, moment) => {
      // Whoever waits while the log is closed is let go, and hears of it by the next poll.
      if (call === 'more') this.faults({ call, subject, moment, timeOut: NOTHING });
      else this.fault({ call, subject, moment }, NOTHING);
    });
  }

  async groupOffsets(group: string): Promise<readonly GroupOffset[]> {
    return this.guarded('groupOffsets', group, () =>
      [...this.positions.values()].filter((position) => position.group === group),
    );
  }

  async groupMembers(group: string): Promise<readonly GroupMemberState[]> {
    return this.guarded('groupOffsets', group, () => this.groups.membersOf(group));
  }

  async join(group: GroupDefinition, listener: AssignmentListener): Promise<Membership> {
    return this.guarded('join', group.group, () => {
      const counts = group.topics.map((topic) => this.topic(topic).partitions.length);
      return this.groups.join(group, counts, listener);
    });
  }

  async sync(): Promise<void> {
    this.guarded('sync', '', NOTHING);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const { partitions } of this.byName.values()) {
      for (const partition of partitions) partition.waiters.wake();
    }
  }

  /** Every committed record of a topic, by partition and offset. */
  snapshot(topic: string): readonly LogRecord[] {
    return this.topic(topic).partitions.flatMap((partition) => [...partition.committed()]);
  }

  /** Appends records in a transaction of their own and returns the first one's offset. */
  append(topic: string, partition: number, records: readonly BareRecord[]): Offset {
    const target = this.partition(topic, partition);
    const base = target.end;
    const transaction = new MemoryTransaction({
      id: `append ${topic}/${partition}`,
      partition: () => target,
      now: () => this.clock.now(),
      refuseFenced: NOTHING,
      fence: NOTHING,
      fault: NOTHING,
      visible: NOTHING,
    });
    transaction.append(records.map((record) => ({ topic, partition, ...record })));
    transaction.settle('committed');
    return base;
  }

  /** Drops everything before `to`, as retention would. */
  trim(topic: string, partition: number, to: Offset): void {
    this.partition(topic, partition).trim(to);
  }

  /** Keeps the last record of each key, offsets unchanged. */
  compact(topic: string): void {
    for (const partition of this.topic(topic).partitions) partition.compact();
  }

  private ensure(definition: TopicDefinition): void {
    const { name, partitions } = definition;
    const found = this.byName.get(name);
    if (found !== undefined) {
      refuseMismatch(found.definition, definition);
      found.definition = raised(found.definition, definition);
      return;
    }
    assert(partitions > 0, `topic ${name} has no partitions`);
    this.byName.set(name, {
      definition,
      partitions: Array.from(
        { length: partitions },
        (_, partition) => new MemoryPartition(name, partition),
      ),
    });
  }

  private visible(offsets: readonly GroupOffset[]): void {
    for (const position of offsets) {
      const { group, topic, partition } = position;
      this.positions.set(`${group}\n${topic}\n${partition}`, position);
    }
  }

  private topic(name: string): MemoryTopic {
    const topic = this.byName.get(name);
    if (topic === undefined) {
      throw new LogError('LOG_UNKNOWN_TOPIC', `there is no topic ${name}; create it first`);
    }
    return topic;
  }

  private partition(topic: string, partition: number): MemoryPartition {
    const found = this.topic(topic).partitions[partition];
    if (found === undefined) {
      throw new LogError('LOG_UNKNOWN_TOPIC', `topic ${topic} has no partition ${partition}`);
    }
    return found;
  }

  private fault(point: Omit<FaultPoint, 'timeOut'>, timeOut: () => void): void {
    if (this.isClosed) throw new LogError('LOG_CLOSED', 'the log is closed');
    this.faults({ ...point, timeOut });
  }

  private guarded<T>(call: LogCall, subject: string, run: () => T): T {
    this.fault({ call, subject, moment: 'before' }, NOTHING);
    const result = run();
    this.fault({ call, subject, moment: 'after' }, NOTHING);
    return result;
  }
}

/** A log for tests: what it holds is gone with the process, all else is as on Kafka. */
export const memoryLog = (options: MemoryLogOptions): MemoryLog => new MemoryLog(options);
