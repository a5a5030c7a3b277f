import { FIRST_OFFSET, type Offset } from '../log/offset.ts';
import type { SourcePosition } from '../schemas/commit-record.ts';
import { StreamError } from './errors.ts';
import { taskName, type TaskContext } from './task-context.ts';

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly broadcast: boolean;
  next: Offset;
}

/** Where one task goes on reading: a position for each partition of each of its sources, in source order. */
export class Positions {
  readonly list: readonly Position[];

  private constructor(list: readonly Position[]) {
    this.list = list;
  }

  static async of(task: TaskContext): Promise<Positions> {
    const list: Position[] = [];
    const topics = await task.log.topics();
    for (const { topic, kind } of task.topology.sources) {
      if (kind === 'partitioned') {
        const { start } = await task.log.offsets(topic, task.partition);
        list.push({ topic, partition: task.partition, broadcast: false, next: start });
        continue;
      }
      const found = topics.find(({ definition }) => definition.name === topic);
      for (let partition = 0; partition < (found?.definition.partitions ?? 0); partition += 1) {
        list.push({ topic, partition, broadcast: true, next: FIRST_OFFSET });
      }
    }
    return new Positions(list);
  }

  set(topic: string, partition: number, next: Offset): void {
    const found = this.list.find((one) => one.topic === topic && one.partition === partition);
    if (found !== undefined) found.next = next;
  }

  toRecord(): SourcePosition[] {
    return this.list.map(({ topic, partition, next }) => ({ topic, partition, next }));
  }

  /** Retention that overtook a position has lost records for good: going on would hide it. */
  async refuseExpired(task: TaskContext, resumed: boolean): Promise<void> {
    if (!resumed) return;
    for (const { topic, partition, next } of this.list) {
      const { start } = await task.log.offsets(topic, partition);
      if (start <= next) continue;
      throw new StreamError(
        'TASK_SOURCE_EXPIRED',
        `${taskName(task)} would resume ${topic}/${partition} at ${next}, but retention left ` +
          `nothing before ${start}: ${start - next} records are gone. Raise the topic's retention, ` +
          'and start with an empty data folder to begin at what is left',
      );
    }
  }
}
