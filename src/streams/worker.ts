import { DAY_MS } from '../core/duration.ts';
import type { Membership } from '../log/log.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import type { DeadLetter } from '../schemas/dead-letter.ts';
import type { OpenSerde, Serde, ValueType } from '../schemas/serde.ts';
import type { Claim } from '../schemas/claim.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { StateBlock } from '../schemas/state-block.ts';
import type { TopicDefinition } from '../schemas/topic.ts';
import { deadLetterTopicName } from '../schemas/topics.ts';
import {
  changelogNameOf,
  changelogOf,
  groupOf,
  namesOf,
  type ChangelogSerdes,
  type Naming,
} from './changelog.ts';
import type { Commit } from './commit.ts';
import { deadLetterSink } from './dead-letter-sink.ts';
import { refuseOtherFrequencies } from './frequency-check.ts';
import { GroupStanding, type OnGroupFailure } from './group-standing.ts';
import { observeProgress } from './progress.ts';
import { refuseRenamed, refuseUnreadable } from './start-checks.ts';
import { Supervisor } from './supervisor.ts';
import type { TaskContext, WorkerContext } from './task-context.ts';
import type { TaskStatus } from './task-status.ts';
import { partitionedSources, type Topology } from './topology.ts';

const DEAD_LETTER_RETENTION_MS = 30 * DAY_MS;

export interface WorkerSchemas {
  readonly registry: SchemaRegistry;
  readonly openSerde: OpenSerde;
  readonly claim: ValueType<Claim>;
  readonly commit: ValueType<CommitRecord>;
  readonly block: ValueType<StateBlock>;
  readonly deadLetter: ValueType<DeadLetter>;
}

export interface WorkerOptions {
  readonly context: WorkerContext;
  readonly topologies: readonly Topology[];
  readonly schemas: WorkerSchemas;
  readonly version: string;
  readonly onCommit?: (commit: Commit) => void;
  /** As a task tells of its failures, with the task. */
  readonly onFailure: (error: unknown, task: TaskContext, backoffMs: number | undefined) => void;
  readonly onGroupFailure: OnGroupFailure;
}

export interface Worker {
  /** A status for each task that this process has or had. */
  readonly tasks: readonly TaskStatus[];
  /** Groups that have not taken this process in yet. */
  readonly awaitedGroups: readonly string[];
  /** Rejects when a group never will. */
  readonly failed: Promise<never>;
  /** Finishes the batches in flight, lets stores follow, leaves the groups. */
  stop(): Promise<void>;
}

/** Everything that a topology needs on a log beside its sources: changelog, dead letters, sinks. */
export const topicsOf = (context: Naming, topology: Topology): readonly TopicDefinition[] => [
  ...topology.sinks,
  ...partitionedSources(topology).map((topic): TopicDefinition => ({
    name: deadLetterTopicName(topic),
    partitions: topology.partitions,
    cleanup: 'delete',
    retentionMs: DEAD_LETTER_RETENTION_MS,
  })),
  changelogOf(namesOf(context, topology), {
    prefix: context.topicPrefix,
    partitions: topology.partitions,
  }),
];

/** What the tasks of a topology write beside its sinks. */
export interface TopologySerdes {
  readonly serdes: ChangelogSerdes;
  /** By source. */
  readonly letters: ReadonlyMap<string, Serde<DeadLetter>>;
}

const openCommitSerde = (
  { registry, openSerde, commit }: WorkerSchemas,
  changelog: string,
): Promise<Serde<CommitRecord>> => openSerde(registry, `${changelog}.commit`, commit);

const openChangelogSerdes = async (
  schemas: WorkerSchemas,
  changelog: string,
): Promise<ChangelogSerdes> => {
  const { registry, openSerde, claim, block } = schemas;
  return {
    claim: await openSerde(registry, `${changelog}.claim`, claim),
    commit: await openCommitSerde(schemas, changelog),
    block: await openSerde(registry, changelog, block),
  };
};

const openDeadLetters = async (
  schemas: WorkerSchemas,
  topology: Topology,
): Promise<ReadonlyMap<string, Serde<DeadLetter>>> => {
  const serdes = new Map<string, Serde<DeadLetter>>();
  for (const topic of partitionedSources(topology)) {
    const letters = deadLetterTopicName(topic);
    serdes.set(topic, await schemas.openSerde(schemas.registry, letters, schemas.deadLetter));
  }
  return serdes;
};

/** Opens what a topology needs beside its sources and sinks, each with its schema registered. */
export const openTopologySerdes = async (
  schemas: WorkerSchemas,
  naming: Naming,
  topology: Topology,
): Promise<TopologySerdes> => ({
  serdes: await openChangelogSerdes(schemas, changelogNameOf(naming, topology)),
  letters: await openDeadLetters(schemas, topology),
});

interface Started {
  readonly supervisor: Supervisor;
  readonly membership: Membership;
}

const startTopology = async (
  options: WorkerOptions,
  topology: Topology,
  standing: GroupStanding,
): Promise<Started> => {
  const { context, schemas, version, onCommit, onFailure } = options;
  const names = namesOf(context, topology);
  const changelog = changelogNameOf(context, topology);
  const { serdes, letters } = await openTopologySerdes(schemas, context, topology);
  const deadLetters = deadLetterSink({ topology: topology.name, version, serdes: letters });
  const { instance, address } = context;
  const joined: { membership?: Membership } = {};
  const supervisor = new Supervisor({
    make: (partition) => ({
      ...context,
      topology,
      names,
      partition,
      changelog,
      serdes,
      deadLetters,
    }),
    onFailure,
    confirmed: async (signal) => joined.membership?.confirmed(signal),
    ...(onCommit === undefined ? {} : { onCommit }),
  });
  const group = groupOf(names);
  const membership = await context.log.join(
    { group, topics: partitionedSources(topology), worker: { instance, address } },
    standing.listener(group, supervisor),
  );
  joined.membership = membership;
  standing.follow(group, membership);
  return { supervisor, membership };
};

const ensureTopics = async ({ context, topologies }: WorkerOptions): Promise<void> => {
  const topics = new Map<string, TopicDefinition>();
  for (const topology of topologies) {
    for (const topic of topicsOf(context, topology)) topics.set(topic.name, topic);
  }
  await context.log.ensureTopics([...topics.values()]);
};

/** Tasks first, then groups: what a peer is given has been let go. */
const stopAll = async (started: readonly Started[]): Promise<void> => {
  await Promise.all(started.map(({ supervisor }) => supervisor.stop()));
  await Promise.all(started.map(({ membership }) => membership.leave()));
};

/**
 * Creates the topics of these topologies, joins their groups and runs their tasks until it is
 * stopped.
 */
export const startWorker = async (options: WorkerOptions): Promise<Worker> => {
  const { context, topologies } = options;
  const started: Started[] = [];
  const standing = new GroupStanding(options.onGroupFailure);
  const tasks = (): readonly TaskStatus[] =>
    started.flatMap(({ supervisor }) => supervisor.statuses);
  await refuseRenamed(options);
  await refuseOtherFrequencies({
    ...options,
    serdeOf: (changelog) => openCommitSerde(options.schemas, changelog),
  });
  await ensureTopics(options);
  await refuseUnreadable(options);
  try {
    for (const topology of topologies) {
      started.push(await startTopology(options, topology, standing));
    }
  } catch (error) {
    await stopAll(started);
    throw error;
  }
  const { log, clock, metrics, limits } = context;
  const everyMs = limits.lagIntervalMs;
  const progress = observeProgress({
    ...{ log, clock, topologies, tasks, metrics, everyMs },
  }).subscribe();
  return {
    get tasks() {
      return tasks();
    },
    get awaitedGroups() {
      return standing.awaited;
    },
    failed: standing.failed,
    async stop() {
      progress.unsubscribe();
      await stopAll(started);
    },
  };
};
