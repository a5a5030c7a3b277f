import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { LogError } from '../errors.ts';
import type { PartitionOffsets, TopicDifference, TopicOffsets, TopicState } from '../log.ts';
import { refuseMismatch } from '../topic-mismatch.ts';
import type { KafkaCluster } from './cluster.ts';
import { groupBy } from './group-by.ts';
import { asLogError } from './kafka-error.ts';
import { PartitionEnds, required, type Place } from './partition-ends.ts';
import { alterConfigs } from './alter-configs.ts';
import { COMPARED, topicDifferences, type Replication } from './topic-comparison.ts';
import { topicRefusal } from './topic-refusal.ts';
import { asBrokersSee, configEntriesOf, definitionOf, inSyncOf } from './topic-configs.ts';

const CREATE_MS = 10_000;
const LOOK_MS = 50;
/** How late it is noticed that a topic has more partitions. */
const LOOK_AGAIN_MS = 10_000;
/** Resources whose configuration is asked for. */
const TOPIC = 2;
const BROKER = 4;
/** As many as the brokers make by default. */
const BY_DEFAULT = -1;
/** Somebody lifted the limits of what could be deleted. */
const keepsMore = (found: TopicDefinition, wanted: TopicDefinition): boolean =>
  found.cleanup === 'keep' && wanted.cleanup === 'delete' && found.partitions === wanted.partitions;

const placesOf = (
  definitions: readonly Pick<TopicDefinition, 'name' | 'partitions'>[],
): readonly Place[] =>
  definitions.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
  );

/** Topics and their offsets, as brokers have them. */
export class Topics {
  private readonly cluster: KafkaCluster;
  private readonly replication: Replication & { readonly clock: Clock };
  private readonly ends: PartitionEnds;
  private lookedAtMs = -Infinity;

  constructor(cluster: KafkaCluster, replication: Replication & { readonly clock: Clock }) {
    this.cluster = cluster;
    this.replication = replication;
    this.ends = new PartitionEnds(cluster);
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
      if (found === undefined || keepsMore(found, one)) continue;
      refuseMismatch(found, asBrokersSee(one));
    }
  }

  async list(): Promise<readonly TopicState[]> {
    const { cluster } = this;
    await cluster.refresh();
    const definitions = await this.definitions([...cluster.topics.keys()]);
    const offsets = await this.ends.of(placesOf([...definitions.values()]));
    return [...definitions.values()].map((definition) => ({
      definition,
      offsets: Array.from({ length: definition.partitions }, (_, partition) =>
        required(offsets, { topic: definition.name, partition }),
      ),
    }));
  }

  async compare(definitions: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    const { cluster, replication } = this;
    await cluster.refresh();
    const wanted = definitions.filter(({ name }) => cluster.topics.has(name));
    const configs = await this.configs(wanted.map(({ name }) => name));
    const offsets = await this.ends.of(wanted.flatMap(({ name }) => this.placesOf(name)));
    return wanted.flatMap((one) => {
      const { name } = one;
      const found = {
        partitions: this.partitionsOf(name),
        replicas: cluster.replicasOf(name),
        configs: configs.get(name) ?? new Map<string, string>(),
        isTruncated: this.placesOf(name).some((place) => required(offsets, place).start > 0),
      };
      return topicDifferences(one, found, replication);
    });
  }

  async repair(definitions: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    const differences = (await this.compare(definitions)).filter((one) => one.isRepairable);
    if (differences.length === 0) return [];
    const byTopic = groupBy(differences, ({ topic }) => topic);
    const alterations = new Map(
      [...byTopic].map(([topic, some]) => [
        topic,
        some.map(({ setting, needed }) => ({ name: setting, value: needed })),
      ]),
    );
    const controller = await this.cluster.controller();
    await asLogError('topics cannot be altered', async () => alterConfigs(controller, alterations));
    return differences;
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    const { cluster } = this;
    if (cluster.topics.get(topic)?.[partition] === undefined) await cluster.refresh();
    const place = { topic, partition };
    return required(await this.ends.of([place]), place);
  }

  /** By what is known of their partitions, which is asked anew now and then. */
  async offsetsByTopic(names: readonly string[]): Promise<readonly TopicOffsets[]> {
    const {
      cluster,
      replication: { clock },
    } = this;
    const isOld = clock.monotonic() - this.lookedAtMs > LOOK_AGAIN_MS;
    if (isOld || names.some((name) => !cluster.topics.has(name))) {
      this.lookedAtMs = clock.monotonic();
      await cluster.refresh();
    }
    const known = [...new Set(names)].filter((name) => cluster.topics.has(name));
    const offsets = await this.ends.of(known.flatMap((name) => this.placesOf(name)));
    return known.map((topic) => ({
      topic,
      offsets: this.placesOf(topic).map((place) => required(offsets, place)),
    }));
  }

  private placesOf(name: string): readonly Place[] {
    return placesOf([{ name, partitions: this.partitionsOf(name) }]);
  }

  private async create(definitions: readonly TopicDefinition[]): Promise<void> {
    const controller = await this.cluster.controller();
    const inSync = await this.inSyncReplicas();
    await asLogError('topics cannot be created', async () => {
      try {
        await controller.createTopics({
          topics: definitions.map((definition) => ({
            topic: definition.name,
            numPartitions: definition.partitions,
            replicationFactor: this.replication.replicas ?? BY_DEFAULT,
            configEntries: configEntriesOf(definition, inSync),
          })),
          timeout: CREATE_MS,
        });
      } catch (error) {
        const refusal = topicRefusal(error);
        if (refusal !== undefined) throw refusal;
        // Another process was first; whether it made the same is looked at next.
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
      await this.ends.of(placesOf(definitions));
      return true;
    } catch (error) {
      const isYetToCome =
        error instanceof LogError && (error.retriable || error.code === 'LOG_UNKNOWN_TOPIC');
      if (isYetToCome) return false;
      throw error;
    }
  }

  /** Of a topic that is about to be made. */
  private async inSyncReplicas(): Promise<number> {
    const { replicas, inSyncReplicas } = this.replication;
    if (inSyncReplicas !== undefined) return inSyncReplicas;
    if (replicas !== undefined) return inSyncOf(replicas);
    const { nodeId } = await this.cluster.controller();
    const name = 'default.replication.factor';
    const found = await this.described(BROKER, [String(nodeId)], [name]);
    return inSyncOf(Number(found.get(String(nodeId))?.get(name) ?? 1));
  }

  private partitionsOf(topic: string): number {
    return this.cluster.topics.get(topic)?.length ?? 0;
  }

  private async definitions(
    names: readonly string[],
  ): Promise<ReadonlyMap<string, TopicDefinition>> {
    const configs = await this.configs(names);
    return new Map(
      [...configs].map(([name, found]) => [
        name,
        definitionOf({ name, partitions: this.partitionsOf(name) }, found),
      ]),
    );
  }

  private configs(names: readonly string[]): ReturnType<Topics['described']> {
    return this.described(TOPIC, names, COMPARED);
  }

  /** Settings by name of each resource of one type. */
  private async described(
    type: number,
    names: readonly string[],
    configNames: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    if (names.length === 0) return new Map();
    const broker = await this.cluster.controller();
    const { resources } = await asLogError('topics cannot be described', async () =>
      broker.describeConfigs({ resources: names.map((name) => ({ type, name, configNames })) }),
    );
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  }
}
