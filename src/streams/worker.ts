import { finalize, type Subscription } from 'rxjs';
import type { AssignmentListener, Membership } from '../log/log.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import type { DeadLetter } from '../schemas/dead-letter.ts';
import type { OpenSerde, Serde, ValueType } from '../schemas/serde.ts';
import type { Claim } from '../schemas/claim.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { StateBlock } from '../schemas/state-block.ts';
import type { TopicDefinition } from '../schemas/topic.ts';
import { deadLetterTopicName } from '../schemas/topics.ts';
import { changelogOf, groupOf, type ChangelogSerdes, type TaskNames } from './changelog.ts';
import type { Commit } from './commit.ts';
import { deadLetterSink, type DeadLetterSink } from './dead-letter-sink.ts';
import { runTask } from './task.ts';
import type { TaskContext, WorkerContext } from './task-context.ts';
import { newStatus, type TaskStatus } from './task-status.ts';
import type { Topology } from './topology.ts';

const DEAD_LETTER_RETENTION_MS = 30 * 86_400_000;

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
  readonly onFailure: (error: unknown, task: TaskContext) => void;
}

export interface Worker {
  /** A status for each task that this process has or had. */
  readonly tasks: readonly TaskStatus[];
  /** Finishes the batches in flight, lets stores follow, leaves the groups. */
  stop(): Promise<void>;
}

interface RunningTask {
  readonly status: TaskStatus;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

const namesOf = ({ application }: WorkerContext, { stream, name }: Topology): TaskNames => ({
  application,
  stream,
  topology: name,
});

const partitionedSources = ({ sources }: Topology): readonly string[] =>
  sources.filter(({ kind }) => kind === 'partitioned').map(({ topic }) => topic);

/** Everything that a topology needs on a log beside its sources: changelog, dead letters, sinks. */
export const topicsOf = (
  context: WorkerContext,
  topology: Topology,
): readonly TopicDefinition[] => [
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

const openChangelogSerdes = async (
  { registry, openSerde, claim, commit, block }: WorkerSchemas,
  changelog: string,
): Promise<ChangelogSerdes> => ({
  claim: await openSerde(registry, `${changelog}.claim`, claim),
  commit: await openSerde(registry, `${changelog}.commit`, commit),
  block: await openSerde(registry, changelog, block),
});

const openDeadLetters = async (
  { context, schemas, version }: WorkerOptions,
  topology: Topology,
): Promise<DeadLetterSink> => {
  const serdes = new Map<string, Serde<DeadLetter>>();
  for (const topic of partitionedSources(topology)) {
    const letters = deadLetterTopicName(topic);
    serdes.set(topic, await schemas.openSerde(schemas.registry, letters, schemas.deadLetter));
  }
  return deadLetterSink({
    topology: topology.name,
    version,
    serdes,
    onLetter: (reason) => {
      context.metrics.deadLettered({ topology: topology.name, reason });
    },
  });
};

/** Runs the tasks of one topology that this process is given, and stops those that it loses. */
class TopologyRunner implements AssignmentListener {
  readonly statuses: TaskStatus[] = [];
  private readonly running = new Map<number, RunningTask>();
  private readonly make: (partition: number) => TaskContext;
  private readonly options: WorkerOptions;

  constructor(options: WorkerOptions, make: (partition: number) => TaskContext) {
    this.options = options;
    this.make = make;
  }

  assigned(partition: number): void {
    if (this.running.has(partition)) return;
    const task = this.make(partition);
    const status = this.statusOf(task);
    const abort = new AbortController();
    let subscription: Subscription | undefined;
    const ended = new Promise<void>((resolve) => {
      subscription = runTask({
        task,
        status,
        signal: abort.signal,
        onFailure: this.options.onFailure,
      })
        .pipe(finalize(resolve))
        .subscribe((commit) => this.options.onCommit?.(commit));
    });
    this.running.set(partition, {
      status,
      abort,
      ended: ended.finally(() => subscription?.unsubscribe()),
    });
  }

  lost(partition: number): void {
    const task = this.running.get(partition);
    if (task === undefined) return;
    task.abort.abort();
    void task.ended.then(() => {
      if (task.status.state !== 'HALTED') task.status.state = 'CLOSED';
      this.running.delete(partition);
    });
  }

  async stop(): Promise<void> {
    const tasks = [...this.running.values()];
    for (const partition of [...this.running.keys()]) this.lost(partition);
    await Promise.all(tasks.map(({ ended }) => ended));
  }

  private statusOf({ topology, partition }: TaskContext): TaskStatus {
    const known = this.statuses.find((status) => status.partition === partition);
    if (known !== undefined) return known;
    const status = newStatus(topology.name, topology.stream, partition);
    this.statuses.push(status);
    return status;
  }
}

interface Started {
  readonly runner: TopologyRunner;
  readonly membership: Membership;
}

const startTopology = async (options: WorkerOptions, topology: Topology): Promise<Started> => {
  const { context, schemas } = options;
  const names = namesOf(context, topology);
  const changelog = changelogOf(names, { prefix: context.topicPrefix, partitions: 1 }).name;
  const serdes = await openChangelogSerdes(schemas, changelog);
  const deadLetters = await openDeadLetters(options, topology);
  const runner = new TopologyRunner(options, (partition) => ({
    ...context,
    topology,
    names,
    partition,
    changelog,
    serdes,
    deadLetters,
  }));
  const membership = await context.log.join(
    { group: groupOf(names), topics: partitionedSources(topology) },
    runner,
  );
  return { runner, membership };
};

/** Creates the topics of these topologies, joins their groups and runs their tasks until it is stopped. */
export const startWorker = async (options: WorkerOptions): Promise<Worker> => {
  const { context, topologies } = options;
  const topics = new Map<string, TopicDefinition>();
  for (const topology of topologies) {
    for (const topic of topicsOf(context, topology)) topics.set(topic.name, topic);
  }
  await context.log.ensureTopics([...topics.values()]);
  const started: Started[] = [];
  for (const topology of topologies) started.push(await startTopology(options, topology));
  return {
    get tasks() {
      return started.flatMap(({ runner }) => runner.statuses);
    },
    async stop() {
      await Promise.all(started.map(({ runner }) => runner.stop()));
      await Promise.all(started.map(({ membership }) => membership.leave()));
    },
  };
};
