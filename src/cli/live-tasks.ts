import { TidecastError } from '../core/errors.ts';
import type { Clock } from '../core/clock.ts';
import type { GroupMemberState, Log, LogRecord, PartitionOffsets } from '../log/log.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import { plainValues } from '../schemas/plain-value.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import {
  changelogNameOf,
  COMMIT_KEY,
  groupOf,
  namesOf,
  type Naming,
} from '../streams/changelog.ts';
import { lastOfTask } from '../streams/last-of-task.ts';
import { partitionedSources, type Topology } from '../streams/topology.ts';

/**
 * `unassigned`: no worker has it. `starting`: it has never committed. `idle`: all is committed.
 * `stalled`: there is something, and nothing of it was committed for a while.
 */
export type LiveState = 'unassigned' | 'starting' | 'idle' | 'working' | 'stalled';

/** A task of a running application, as the log tells of it. */
export interface LiveTask {
  readonly stream: string;
  readonly topology: string;
  readonly partition: number;
  readonly state: LiveState;
  readonly owner: Pick<GroupMemberState, 'instance' | 'address' | 'host'> | null;
  /** Committed at its sources, and not yet by it. */
  readonly lagRecords: number | null;
  /** Epoch ms, of its last commit by the log's clock. */
  readonly committedAt: number | null;
  /** Epoch ms: the event time up to which its sources are complete. */
  readonly watermark: number | null;
}

export interface LiveOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly naming: Naming;
}

/** Longer than any commit takes; a training may take longer than this. */
const STALLED_MS = 30_000;
const asCommit = async (
  registry: SchemaRegistry,
  { value }: LogRecord,
): Promise<CommitRecord | undefined> => {
  try {
    const { type, value: plain } = await plainValues(registry)(value);
    // A record of that name was written by tidecast.
    return type === 'CommitRecord' ? (plain as CommitRecord) : undefined;
  } catch (error) {
    // What the log says by itself is shown without the registry too.
    if (error instanceof TidecastError) return undefined;
    throw error;
  }
};

/** Ingest hears of its own partition, all others of every member of their source set. */
const watermarkOf = (
  { watermarks }: CommitRecord,
  sources: readonly string[],
  own: number,
): number | null => {
  const first = watermarks.find((one) => one.partition === own && sources.includes(one.topic));
  return first === undefined ? (watermarks[0]?.reached ?? null) : first.watermark;
};

interface Behind {
  readonly owner: GroupMemberState | undefined;
  readonly lag: number | null;
  readonly committedAt: number | null;
}

const stateOf = ({ owner, lag, committedAt }: Behind, nowMs: number): LiveState => {
  if (owner === undefined) return 'unassigned';
  if (committedAt === null) return 'starting';
  if (lag === 0) return 'idle';
  return nowMs - committedAt > STALLED_MS ? 'stalled' : 'working';
};

type Offsets = ReadonlyMap<string, readonly PartitionOffsets[]>;

/** All that the log says of the tasks of one topology. */
class LiveTopology {
  private readonly options: LiveOptions;
  private readonly topology: Topology;
  private readonly sources: readonly string[];
  private readonly changelog: string;

  constructor(options: LiveOptions, topology: Topology) {
    this.options = options;
    this.topology = topology;
    this.sources = partitionedSources(topology);
    this.changelog = changelogNameOf(options.naming, topology);
  }

  async tasks(): Promise<readonly LiveTask[]> {
    const { log, naming } = this.options;
    const { partitions } = this.topology;
    const group = groupOf(namesOf(naming, this.topology));
    const members = await log.groupMembers(group);
    const committed = await log.groupOffsets(group);
    const offsets = new Map(
      (await log.offsetsOf([this.changelog, ...this.sources])).map((one) => [
        one.topic,
        one.offsets,
      ]),
    );
    const tasks: LiveTask[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      const nextOf = (topic: string): number | undefined =>
        committed.find((one) => one.topic === topic && one.partition === partition)?.next;
      const owner = members.find((one) => one.partitions.includes(partition));
      const lag = this.lagOf(partition, offsets, nextOf);
      tasks.push(await this.task(partition, { owner, lag }, offsets));
    }
    return tasks;
  }

  private lagOf(
    partition: number,
    offsets: Offsets,
    nextOf: (topic: string) => number | undefined,
  ): number | null {
    let lag = 0;
    for (const topic of this.sources) {
      const found = offsets.get(topic)?.[partition];
      if (found === undefined) return null;
      lag += Math.max(0, found.stableEnd - (nextOf(topic) ?? found.start));
    }
    return lag;
  }

  private async task(
    partition: number,
    { owner, lag }: Omit<Behind, 'committedAt'>,
    offsets: Offsets,
  ): Promise<LiveTask> {
    const { log, registry, clock } = this.options;
    const { stream, name: topology } = this.topology;
    const bounds = offsets.get(this.changelog)?.[partition];
    const place = { topic: this.changelog, partition, keys: [COMMIT_KEY] };
    const last = bounds === undefined ? undefined : await lastOfTask(log, place, bounds);
    const record = last === undefined ? undefined : await asCommit(registry, last);
    const committedAt = last?.appendedAtMs ?? null;
    return {
      ...{ stream, topology, partition },
      state: stateOf({ owner, lag, committedAt }, clock.now()),
      owner:
        owner === undefined
          ? null
          : { instance: owner.instance, address: owner.address, host: owner.host },
      lagRecords: lag,
      committedAt,
      watermark: record === undefined ? null : watermarkOf(record, this.sources, partition),
    };
  }
}

/** Every task of the topologies, by what the log has of it: its group, offsets and changelog. */
export const liveTasks = async (
  options: LiveOptions,
  topologies: readonly Topology[],
): Promise<readonly LiveTask[]> => {
  const all: LiveTask[] = [];
  for (const topology of topologies) {
    all.push(...(await new LiveTopology(options, topology).tasks()));
  }
  return all;
};
