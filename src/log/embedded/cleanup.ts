import type { Clock } from '../../core/clock.ts';
import { TOMBSTONE_RETENTION_MS } from '../../schemas/topic.ts';
import { compactPartition, isWorthCompacting } from './compaction.ts';
import type { IndexChange, LogIndex } from './log-index.ts';
import type { OpenFiles } from './open-files.ts';
import type { Partition } from './partition.ts';
import { expiredSegments } from './retention.ts';
import type { Segment } from './segment.ts';
import type { Syncer } from './syncer.ts';
import { isCompacted, type TopicTable } from './topic-table.ts';

export interface CleanupParts {
  readonly clock: Clock;
  readonly files: OpenFiles;
  readonly index: LogIndex;
  readonly topics: TopicTable;
  readonly syncer: Syncer;
}

export interface CompactOptions {
  readonly always: boolean;
  /** Throws once the log is closed: whoever stops does not wait for minutes of compaction. */
  readonly refuseClosed: () => void;
}

/** What takes records away: retention and compaction, whole sealed segments at a time. */
export class Cleanup {
  private readonly parts: CleanupParts;

  constructor(parts: CleanupParts) {
    this.parts = parts;
  }

  /** Drops what topics no longer keep. */
  async retain(): Promise<void> {
    const nowMs = this.parts.clock.now();
    await this.parts.syncer.serially(async () => {
      await this.parts.syncer.mark();
      for (const { definition, partitions } of this.parts.topics.topics) {
        for (const partition of partitions) {
          await this.drop(partition, expiredSegments(definition, partition, nowMs));
        }
      }
    });
  }

  /** Drops the sealed segments of a partition that end before an offset. */
  async trim(partition: Partition, to: number): Promise<void> {
    await this.parts.syncer.serially(async () => {
      await this.parts.syncer.mark();
      await this.drop(
        partition,
        partition.sealed.filter(({ next }) => next <= to),
      );
    });
  }

  /** Compacts every compacted topic, or only where it is worth the work, until it is closed. */
  async compact({ always, refuseClosed }: CompactOptions): Promise<void> {
    await this.parts.syncer.sync();
    for (const { definition, partitions } of this.parts.topics.topics) {
      if (!isCompacted(definition)) continue;
      for (const partition of partitions) {
        refuseClosed();
        if (always || isWorthCompacting(partition)) await this.compactOne(partition, refuseClosed);
      }
    }
  }

  private async compactOne(partition: Partition, refuseClosed: () => void): Promise<void> {
    await compactPartition({
      files: this.parts.files,
      partition,
      refuseClosed,
      tombstonesBeforeMs: this.parts.clock.now() - TOMBSTONE_RETENTION_MS,
      swap: async (old, by, cleanedTo) => {
        let swapped = false;
        await this.parts.syncer.serially(async () => {
          // Dirty again: the sync mark that was under way when they were chosen has failed.
          if (old.some(({ isGone, isDirty }) => isGone || isDirty)) return;
          await this.swap(partition, { old, by, cleanedTo });
          swapped = true;
        });
        return swapped;
      },
    });
  }

  private async drop(partition: Partition, gone: readonly Segment[]): Promise<void> {
    const last = gone.at(-1);
    if (last === undefined) return;
    const { start } = partition;
    partition.start = last.next;
    try {
      await this.parts.index.write(this.change(partition, gone));
    } catch (error) {
      partition.start = start;
      throw error;
    }
    partition.replace(gone, []);
    for (const { path } of gone) this.parts.files.remove(path);
  }

  private async swap(
    partition: Partition,
    {
      old,
      by,
      cleanedTo,
    }: {
      readonly old: readonly Segment[];
      readonly by: Segment | undefined;
      readonly cleanedTo: number;
    },
  ): Promise<void> {
    const before = partition.cleanedTo;
    partition.cleanedTo = cleanedTo;
    try {
      await this.parts.files.sync();
      await this.parts.index.write(this.change(partition, old, by));
    } catch (error) {
      partition.cleanedTo = before;
      throw error;
    }
    if (by !== undefined) by.isDirty = false;
    partition.replace(old, by === undefined ? [] : [by]);
    for (const { path } of old) this.parts.files.remove(path);
  }

  private change(partition: Partition, gone: readonly Segment[], by?: Segment): IndexChange {
    const { topicId, partition: number } = partition.settings;
    const id = { topicId, partition: number };
    return {
      floors: [{ ...id, record: partition.floorRecord }],
      goneSegments: gone.map(({ base }) => ({ ...id, base })),
      segments: by === undefined ? [] : [{ ...id, record: by.record }],
    };
  }
}
