import { setMaxListeners } from 'node:events';
import { COMPATIBILITY } from '../../schemas/compatibility.ts';
import type { RegisteredSchema, SchemaRegistry } from '../../schemas/schema-registry.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { LogError } from '../errors.ts';
import type {
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
import type { Offset } from '../offset.ts';
import { Connection, type LogAddress } from './connection.ts';
import { RemoteProducer } from './remote-producer.ts';
import { RemoteReader } from './remote-reader.ts';

/** The registry of the process that owns the log. */
class RemoteSchemaRegistry implements SchemaRegistry {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async register(subject: string, schema: string): Promise<RegisteredSchema> {
    return (await this.connection.call('register', { subject, schema })).answer;
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    return (await this.connection.call('schema', id)).answer ?? undefined;
  }

  async find(subject: string, schema: string): Promise<RegisteredSchema | undefined> {
    return (await this.connection.call('find-schema', { subject, schema })).answer ?? undefined;
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    return (await this.connection.call('schema-versions', subject)).answer;
  }

  /** An embedded log takes nothing else in. */
  async compatibility(): Promise<string> {
    return COMPATIBILITY;
  }

  async subjects(): Promise<readonly RegisteredSchema[]> {
    return (await this.connection.call('subjects', null)).answer;
  }
}

/**
 * A log that another process owns, for commands beside it. It knows of the topics that the last
 * `topics` or `ensureTopics` saw: ask again before reading what the owner has made since.
 */
export class RemoteLog implements Log {
  readonly registry: SchemaRegistry;
  private readonly connection: Connection;
  private readonly producers = new Set<RemoteProducer>();
  private readonly closing = new AbortController();
  /** Partition counts. */
  private known = new Map<string, number>();

  constructor(connection: Connection) {
    this.connection = connection;
    this.registry = new RemoteSchemaRegistry(connection);
    // As many readers as there are wait for it.
    setMaxListeners(0, this.closing.signal);
  }

  async ensureTopics(definitions: readonly TopicDefinition[]): Promise<void> {
    await this.connection.call('ensure-topics', definitions);
    for (const { name, partitions } of definitions) this.known.set(name, partitions);
  }

  async topics(): Promise<readonly TopicState[]> {
    const { answer } = await this.connection.call('topics', null);
    this.known = new Map(answer.map(({ definition: { name, partitions } }) => [name, partitions]));
    return answer;
  }

  async compareTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return (await this.connection.call('compare-topics', wanted)).answer;
  }

  async repairTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return (await this.connection.call('repair-topics', wanted)).answer;
  }

  async lowerTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return (await this.connection.call('lower-topics', wanted)).answer;
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    return (await this.connection.call('offsets', { topic, partition })).answer;
  }

  async offsetsOf(names: readonly string[]): Promise<readonly TopicOffsets[]> {
    return (await this.connection.call('offsets-of', names)).answer;
  }

  async groupMembers(group: string): Promise<readonly GroupMemberState[]> {
    return (await this.connection.call('group-members', group)).answer;
  }

  async producer(transactionalId: string): Promise<TransactionalProducer> {
    const producer = await RemoteProducer.open(this.connection, transactionalId);
    for (const earlier of this.producers) if (earlier.isClosed) this.producers.delete(earlier);
    this.producers.add(producer);
    return producer;
  }

  reader(topic: string, partition: number, from: Offset): LogReader {
    const partitions = this.known.get(topic);
    if (partitions === undefined || partition >= partitions) {
      throw new LogError('LOG_UNKNOWN_TOPIC', `there is no ${topic}/${partition} in this log`);
    }
    const { connection, closing } = this;
    return new RemoteReader({ connection, closing: closing.signal }, [topic, partition], from);
  }

  async groupOffsets(group: string): Promise<readonly GroupOffset[]> {
    return (await this.connection.call('group-offsets', group)).answer;
  }

  /** Refused: partitions of an embedded log are spread within the process that owns it. */
  async join({ group }: GroupDefinition): Promise<Membership> {
    throw new LogError(
      'LOG_LOCKED',
      `group ${group} can only be joined in the process that owns the log: stop that process, or ` +
        'set `log: kafka` where several are to share the work',
    );
  }

  async sync(): Promise<void> {
    await this.connection.call('sync', null);
  }

  /** Lets go of everything that this process has at the owner, which goes on. */
  async close(): Promise<void> {
    this.closing.abort();
    // The owner settles by itself what it cannot be told of any more.
    await Promise.allSettled([...this.producers].map((producer) => producer.close()));
    this.connection.close();
  }
}

/** Connects to the process that owns a log; code `LOG_UNREACHABLE` when it does not answer. */
export const openRemoteLog = async (address: LogAddress): Promise<RemoteLog> => {
  const connection = new Connection(address);
  const log = new RemoteLog(connection);
  try {
    await log.topics();
    return log;
  } catch (error) {
    connection.close();
    throw error;
  }
};
