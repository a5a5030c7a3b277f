import type {
  AssignmentListener,
  GroupDefinition,
  GroupMemberState,
  GroupOffset,
  Log,
  LogReader,
  Membership,
  PartitionOffsets,
  TopicDifference,
  TopicOffsets,
  TopicState,
  TransactionalProducer,
} from '../../src/log/log.ts';
import type { Offset } from '../../src/log/offset.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';

/** In everything the log that it is given, but for what is overridden. */
export class ForwardingLog implements Log {
  protected readonly log: Log;

  constructor(log: Log) {
    this.log = log;
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

  offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    return this.log.offsets(topic, partition);
  }

  offsetsOf(topics: readonly string[]): Promise<readonly TopicOffsets[]> {
    return this.log.offsetsOf(topics);
  }

  reader(topic: string, partition: number, from: Offset): LogReader {
    return this.log.reader(topic, partition, from);
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
}
