import type { Clock } from '../../core/clock.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { LogError } from '../errors.ts';
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
} from '../log.ts';
import { offset, type Offset } from '../offset.ts';
import { BatchMemory } from './batch-memory.ts';
import { KafkaCluster, type ClusterOptions } from './cluster.ts';
import { Coordinator } from './coordinator.ts';
import { GroupMember, type GroupTimings } from './group-member.ts';
import { asLogError } from './kafka-error.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { KafkaReader } from './kafka-reader.ts';
import { membersOf } from './member-data.ts';
import { Tails } from './tails.ts';
import type { Replication } from './topic-comparison.ts';
import { Topics } from './topics.ts';
import { Writers } from './writers.ts';

export interface KafkaLogOptions extends ClusterOptions, Replication {
  readonly clock: Clock;
  /** Six seconds are the least that brokers take where nothing else is said. */
  readonly sessionTimeoutMs?: number;
  readonly transactionTimeoutMs?: number;
}

const SESSION_MS = 10_000;
/** One that has just been started reads what it keeps of its groups first. */
const COORDINATOR_MS = 10_000;
const TRANSACTION_MS = 10_000;
/** Several a session: one that is late must not be taken for a death. */
const HEARTBEATS_A_SESSION = 4;
const HEARTBEAT_MS_MAX = 1_000;

const timingsOf = (sessionMs: number): GroupTimings => ({
  sessionMs,
  heartbeatMs: Math.min(HEARTBEAT_MS_MAX, sessionMs / HEARTBEATS_A_SESSION),
});

const connected = async (options: ClusterOptions): Promise<KafkaCluster> => {
  const cluster = new KafkaCluster(options);
  try {
    await cluster.connect();
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
};

/** The log on Kafka: connections for readers, for producers, and for each membership. */
class KafkaLog implements Log {
  readonly cluster: KafkaCluster;
  readonly clock: Clock;
  private readonly options: KafkaLogOptions;
  private readonly timings: GroupTimings;
  private readonly known: Topics;
  readonly tails: Tails;
  private readonly writers: Writers<KafkaCluster>;
  private readonly memory = new BatchMemory();
  private readonly members = new Set<GroupMember>();

  constructor(cluster: KafkaCluster, options: KafkaLogOptions) {
    this.cluster = cluster;
    this.clock = options.clock;
    this.options = options;
    this.timings = timingsOf(options.sessionTimeoutMs ?? SESSION_MS);
    this.known = new Topics(cluster, options);
    this.tails = new Tails(cluster, options.clock);
    this.writers = new Writers(async () => connected(options));
  }

  async ensureTopics(definitions: readonly TopicDefinition[]): Promise<void> {
    await this.known.ensure(definitions);
  }

  async topics(): Promise<readonly TopicState[]> {
    return this.known.list();
  }

  async compareTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return this.known.compare(wanted);
  }

  async repairTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return this.known.repair(wanted);
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    return this.known.offsets(topic, partition);
  }

  async offsetsOf(names: readonly string[]): Promise<readonly TopicOffsets[]> {
    return this.known.offsetsByTopic(names);
  }

  async groupMembers(group: string): Promise<readonly GroupMemberState[]> {
    return asLogError(`members of ${group} cannot be listed`, async () =>
      this.coordinatorOf(group).ask(COORDINATOR_MS, async (broker) => membersOf(broker, group)),
    );
  }

  async producer(transactionalId: string): Promise<TransactionalProducer> {
    const { transactionTimeoutMs = TRANSACTION_MS } = this.options;
    this.cluster.refuseClosed();
    const cluster = await this.writers.next();
    const parts = { cluster, clock: this.clock, memory: this.memory };
    return KafkaProducer.open(parts, { transactionalId, transactionTimeoutMs });
  }

  reader(topic: string, partition: number, from: Offset): LogReader {
    this.cluster.refuseClosed();
    this.cluster.refuseUnknown(topic, partition);
    return new KafkaReader(this, { topic, partition, from });
  }

  async groupOffsets(group: string): Promise<readonly GroupOffset[]> {
    const { responses } = await asLogError(`positions of ${group} cannot be read`, async () =>
      this.coordinatorOf(group).ask(COORDINATOR_MS, async (broker) =>
        broker.offsetFetch({ groupId: group, topics: [] }),
      ),
    );
    return responses.flatMap(({ topic, partitions }) =>
      partitions.flatMap(({ partition, offset: next }) =>
        Number(next) < 0 ? [] : [{ group, topic, partition, next: offset(Number(next)) }],
      ),
    );
  }

  async join(group: GroupDefinition, listener: AssignmentListener): Promise<Membership> {
    await this.cluster.refresh();
    const partitions = this.coPartitioned(group);
    const own = await connected(this.options);
    const member = new GroupMember(own, { group, partitions, listener }, this.timings);
    this.members.add(member);
    return {
      joined: member.joined,
      confirmed: (signal) => member.confirmed(signal),
      leave: async () => {
        this.members.delete(member);
        await member.leave();
      },
    };
  }

  /** What is committed was acknowledged by all replicas that are in sync. */
  async sync(): Promise<void> {
    this.cluster.refuseClosed();
  }

  async close(): Promise<void> {
    this.tails.close();
    await Promise.all([...this.members].map(async (member) => member.leave()));
    await Promise.all([this.cluster.close(), this.writers.close()]);
  }

  private coordinatorOf(group: string): Coordinator {
    return new Coordinator(async () => this.cluster.groupCoordinator(group));
  }

  private coPartitioned({ group, topics }: GroupDefinition): number {
    const counts = topics.map((topic) => this.cluster.topics.get(topic)?.length ?? 0);
    const [partitions = 0] = counts;
    if (counts.every((count) => count === partitions)) return partitions;
    throw new LogError(
      'LOG_TOPIC_MISMATCH',
      `group ${group} reads ${topics.join(', ')} with ${counts.join(', ')} partitions; give ` +
        'them the same number',
    );
  }
}

/** Opens the log of a Kafka cluster; LOG_UNREACHABLE when no broker answers. */
export const openKafkaLog = async (options: KafkaLogOptions): Promise<Log> =>
  new KafkaLog(await connected(options), options);
