import { setTimeout as wait } from 'node:timers/promises';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { LogError } from '../errors.ts';
import type { PartitionOffsets, TopicState } from '../log.ts';
import { offset } from '../offset.ts';
import { refuseMismatch } from '../topic-mismatch.ts';
import type { KafkaCluster } from './cluster.ts';
import { groupBy } from './group-by.ts';
import { asLogError, errorOf, kafkaTypeOf, logErrorOf } from './kafka-error.ts';
import { followingLeaders } from './leader-moves.ts';
import { asBrokersSee, configEntriesOf, DEFINING, definitionOf } from './topic-configs.ts';

const CREATE_MS = 10_000;
const LOOK_MS = 50;
/** A resource whose configuration is asked for. */
const TOPIC = 2;
const NO_REPLICA = -1;
const EARLIEST = -2;
const LATEST = -1;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

const nameOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

const placesOf = (definitions: readonly TopicDefinition[]): readonly Place[] =>
  definitions.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
  );

/** Topics and their offsets, as brokers have them. */
export class Topics {
  private readonly cluster: KafkaCluster;

  constructor(cluster: KafkaCluster) {
    this.cluster = cluster;
  }

  async ensure(definitions: readonly TopicDefinition[]): Promise<void> {
    const { cluster } = this;
    await cluster.refresh();
    const wanted = [...new Map(definitions.map((one) => [one.name, one])).values()];
    const missing = wanted.filter(({ name }) => !cluster.topics.has(name));
    if (missing.length > 0) await this.create(missing);
    const known = await this.definitions(wanted.map(({ name }) => name));
    for (const one of definitions) {
      const found = known.get(one.name);
      if (found !== undefined) refuseMismatch(found, asBrokersSee(one));
    }
  }

  async list(): Promise<readonly TopicState[]> {
    const { cluster } = this;
    await cluster.refresh();
    const definitions = await this.definitions([...cluster.topics.keys()]);
    const offsets = await this.offsetsOf(placesOf([...definitions.values()]));
    return [...definitions.values()].map((definition) => ({
      definition,
      offsets: Array.from({ length: definition.partitions }, (_, partition) =>
        required(offsets, { topic: definition.name, partition }),
      ),
    }));
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    const { cluster } = this;
    if (cluster.topics.get(topic)?.[partition] === undefined) await cluster.refresh();
    const place = { topic, partition };
    return required(await this.offsetsOf([place]), place);
  }

  private async create(definitions: readonly TopicDefinition[]): Promise<void> {
    const controller = await this.cluster.controller();
    await asLogError('topics cannot be created', async () => {
      try {
        await controller.createTopics({
          topics: definitions.map((definition) => ({
            topic: definition.name,
            numPartitions: definition.partitions,
            configEntries: configEntriesOf(definition),
          })),
          timeout: CREATE_MS,
        });
      } catch (error) {
        // Another process was first; whether it made the same is looked at next.
        if (!isExisting(error)) throw error;
      }
    });
    await this.appeared(definitions);
  }

  /** Brokers hear of new topics one after the other. */
  private async appeared(definitions: readonly TopicDefinition[]): Promise<void> {
    for (let waitedMs = 0; waitedMs < CREATE_MS; waitedMs += LOOK_MS) {
      await this.cluster.refresh();
      const { topics } = this.cluster;
      const isThere = definitions.every(({ name, partitions }) => {
        const leaders = topics.get(name);
        return leaders?.length === partitions && leaders.every((leader) => leader >= 0);
      });
      if (isThere && (await this.areLed(definitions))) return;
      await wait(LOOK_MS);
    }
    const names = definitions.map(({ name }) => name).join(', ');
    throw new LogError('LOG_UNREACHABLE', `${names} have no leader yet: look at the brokers`, {
      retriable: true,
    });
  }

  /** A broker may lead a partition by its name before it does so itself. */
  private async areLed(definitions: readonly TopicDefinition[]): Promise<boolean> {
    try {
      await this.offsetsOf(placesOf(definitions));
      return true;
    } catch (error) {
      if (error instanceof LogError && error.retriable) return false;
      throw error;
    }
  }

  private async definitions(
    names: readonly string[],
  ): Promise<ReadonlyMap<string, TopicDefinition>> {
    const { cluster } = this;
    if (names.length === 0) return new Map();
    const broker = await cluster.controller();
    const { resources } = await asLogError('topics cannot be described', async () =>
      broker.describeConfigs({
        resources: names.map((name) => ({ type: TOPIC, name, configNames: DEFINING })),
      }),
    );
    return new Map(
      resources.map(({ resourceName: name, configEntries }) => {
        const partitions = cluster.topics.get(name)?.length ?? 0;
        const configs = new Map(
          configEntries.map(({ configName, configValue }) => [configName, configValue]),
        );
        return [name, definitionOf({ name, partitions }, configs)];
      }),
    );
  }

  private async offsetsOf(
    places: readonly Place[],
  ): Promise<ReadonlyMap<string, PartitionOffsets>> {
    const [starts, stableEnds, ends] = await followingLeaders(this.cluster, async () =>
      Promise.all([
        this.listed(places, { timestamp: EARLIEST, isolationLevel: READ_UNCOMMITTED }),
        this.listed(places, { timestamp: LATEST, isolationLevel: READ_COMMITTED }),
        this.listed(places, { timestamp: LATEST, isolationLevel: READ_UNCOMMITTED }),
      ]),
    );
    return new Map(
      places.map((place) => {
        const at = (all: ReadonlyMap<string, number>) => offset(all.get(nameOf(place)) ?? 0);
        return [nameOf(place), { start: at(starts), stableEnd: at(stableEnds), end: at(ends) }];
      }),
    );
  }

  private async listed(
    places: readonly Place[],
    { timestamp, isolationLevel }: { timestamp: number; isolationLevel: number },
  ): Promise<ReadonlyMap<string, number>> {
    const { cluster } = this;
    const byLeader = groupBy(places, ({ topic, partition }) => cluster.leaderOf(topic, partition));
    const listed = new Map<string, number>();
    await Promise.all(
      [...byLeader].map(async ([leader, some]) => {
        const broker = await cluster.broker(leader);
        const topics = [...groupBy(some, ({ topic }) => topic)].map(([topic, partitions]) => ({
          topic,
          partitions: partitions.map(({ partition }) => ({ partition, timestamp })),
        }));
        const request = { replicaId: NO_REPLICA, isolationLevel, topics };
        const { responses } = await asLogError('offsets cannot be read', async () =>
          broker.listOffsets(request),
        );
        for (const { topic, partitions } of responses) {
          for (const { partition, errorCode, offset: found } of partitions) {
            if (errorCode !== 0) throw logErrorOf(errorOf(errorCode), 'offsets cannot be read');
            listed.set(nameOf({ topic, partition }), Number(found));
          }
        }
      }),
    );
    return listed;
  }
}

const required = (
  offsets: ReadonlyMap<string, PartitionOffsets>,
  place: Place,
): PartitionOffsets => {
  const found = offsets.get(nameOf(place));
  if (found !== undefined) return found;
  throw new LogError('LOG_UNKNOWN_TOPIC', `there is no ${nameOf(place)}; create the topic`);
};

/** Of several topics the library says what went wrong with each. */
const isExisting = (error: unknown): boolean => {
  const all =
    error instanceof Error && 'errors' in error && Array.isArray(error.errors)
      ? (error.errors as readonly unknown[])
      : [error];
  return all.every((one) => kafkaTypeOf(one) === 'TOPIC_ALREADY_EXISTS');
};
