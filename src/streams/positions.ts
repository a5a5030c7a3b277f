import { offset, type Offset } from '../log/offset.ts';
import type { TopicOffsets } from '../log/log.ts';
import type { SourcePosition } from '../schemas/commit-record.ts';
import type { SourceBatch } from './batch.ts';
import { StreamError } from './errors.ts';
import { taskName, type TaskContext } from './task-context.ts';
import type { Source } from './topology.ts';

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly broadcast: boolean;
  next: Offset;
}

const missing = (task: TaskContext, topic: string): StreamError =>
  new StreamError(
    'TASK_SOURCE_MISSING',
    `${taskName(task)} reads ${topic}, which is not there; start the role that writes it, or ` +
      'create it',
    // A peer may be about to create it.
    { retriable: true },
  );

const positionsOf = (
  task: TaskContext,
  { topic, kind }: Source,
  topics: readonly TopicOffsets[],
): Position[] => {
  const found = topics.find((one) => one.topic === topic);
  if (found === undefined) throw missing(task, topic);
  const broadcast = kind === 'broadcast';
  const all = found.offsets.map(({ start }, partition) => ({
    topic,
    partition,
    broadcast,
    next: start,
  }));
  if (broadcast) return all;
  const own = all[task.partition];
  if (own === undefined) throw missing(task, `${topic}/${task.partition}`);
  return [own];
};

/**
 * Where one task goes on reading: a position for each partition of each of its sources, in source
 * order.
 */
export class Positions {
  readonly list: readonly Position[];

  private constructor(list: readonly Position[]) {
    this.list = list;
  }

  /** The starts of what is there. */
  static async of(task: TaskContext): Promise<Positions> {
    const { sources } = task.topology;
    const topics = await task.log.offsetsOf(sources.map(({ topic }) => topic));
    return new Positions(sources.flatMap((source) => positionsOf(task, source, topics)));
  }

  /** Takes what a commit record says; a partition that it does not know is read from its start. */
  resume(saved: readonly SourcePosition[]): void {
    for (const { topic, partition, next } of saved) this.set(topic, partition, offset(next));
  }

  /** What the positions will be once these inputs are committed. */
  after(inputs: readonly SourceBatch[]): SourcePosition[] {
    return this.list.map(({ topic, partition, next }) => {
      const input = inputs.find((one) => one.topic === topic && one.partition === partition);
      return { topic, partition, next: input?.next ?? next };
    });
  }

  advance(inputs: readonly SourceBatch[]): void {
    for (const { topic, partition, next } of inputs) this.set(topic, partition, next);
  }

  /** Of these positions the ones that are this task's alone, for lag tools. */
  partitioned(
    positions: readonly SourcePosition[],
  ): { readonly topic: string; readonly partition: number; readonly next: Offset }[] {
    return positions
      .filter((_, index) => this.list[index]?.broadcast === false)
      .map(({ topic, partition, next }) => ({ topic, partition, next: offset(next) }));
  }

  toRecord(): SourcePosition[] {
    return this.after([]);
  }

  /** Retention that overtook a position has lost records for good: going on would hide it. */
  async refuseExpired(task: TaskContext): Promise<void> {
    for (const { topic, partition, next } of this.list) {
      const { start } = await task.log.offsets(topic, partition);
      if (start <= next) continue;
      throw new StreamError(
        'TASK_SOURCE_EXPIRED',
        `${taskName(task)} would resume ${topic}/${partition} at ${next}, but retention left ` +
          `nothing before ${start}: ${start - next} records are gone. Raise the topic's ` +
          'retention, and start with an empty data folder to begin at what is left',
      );
    }
  }

  private set(topic: string, partition: number, next: Offset): void {
    const found = this.list.find((one) => one.topic === topic && one.partition === partition);
    if (found !== undefined) found.next = next;
  }
}
