import type { CommitFile } from './commit-file.ts';
import type { GroupPositions } from './group-positions.ts';
import type { IndexChange, LogIndex } from './log-index.ts';
import type { OpenFiles } from './open-files.ts';
import type { Partition } from './partition.ts';
import type { Segment } from './segment.ts';
import type { TopicTable } from './topic-table.ts';

export interface SyncerParts {
  readonly files: OpenFiles;
  readonly index: LogIndex;
  readonly topics: TopicTable;
  readonly positions: GroupPositions;
  readonly commitFile: CommitFile;
  readonly lastTransaction: () => number;
}

interface Taken {
  readonly partitions: readonly Partition[];
  readonly segments: readonly Segment[];
  readonly change: IndexChange;
}

/**
 * Brings the log to the device and the index up to date with it, in this order, so that the index
 * never knows more than the files hold. Marks and changes by cleanup come one after another.
 */
export class Syncer {
  private readonly parts: SyncerParts;
  private last: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private markedSeq = -1;

  constructor(parts: SyncerParts) {
    this.parts = parts;
  }

  /** Everything committed so far survives a power cut; callers that wait together share a mark. */
  async sync(): Promise<void> {
    this.waiting ??= this.serially(async () => {
      this.waiting = undefined;
      await this.mark();
    });
    await this.waiting;
  }

  /** Runs one change of the index after all those before it, whether they failed or not. */
  serially(run: () => Promise<void>): Promise<void> {
    const next = this.last.then(run, run);
    this.last = next;
    return next;
  }

  /** To be called serially. */
  async mark(): Promise<void> {
    const { files, index, commitFile } = this.parts;
    if (commitFile.seq === this.markedSeq) return;
    const { seq } = commitFile;
    const taken = this.take();
    try {
      await files.sync();
      await index.write(taken.change);
      commitFile.noteMark(seq);
    } catch (error) {
      for (const partition of taken.partitions) partition.isDirty = true;
      for (const segment of taken.segments) segment.isDirty = true;
      this.parts.positions.putBack(taken.change.groupOffsets ?? []);
      throw error;
    }
    this.markedSeq = seq;
    commitFile.dropBefore(taken.change.mark?.commitFile ?? 0);
  }

  private take(): Taken {
    const { topics, commitFile, positions, lastTransaction } = this.parts;
    const partitions = [...topics.partitions].filter(({ isDirty }) => isDirty);
    const ends = partitions.map(({ settings, endRecord }) => ({
      ...idOf(settings),
      record: endRecord,
    }));
    const segments: Segment[] = [];
    const segmentEntries: NonNullable<IndexChange['segments']>[number][] = [];
    for (const partition of partitions) {
      partition.isDirty = false;
      for (const segment of partition.segments) {
        if (!segment.isDirty) continue;
        segment.isDirty = false;
        segments.push(segment);
        segmentEntries.push({ ...idOf(partition.settings), record: segment.record });
      }
    }
    commitFile.rotate();
    const mark = {
      seq: commitFile.seq,
      transaction: lastTransaction(),
      commitFile: commitFile.number,
    };
    const groupOffsets = positions.take();
    return { partitions, segments, change: { mark, ends, segments: segmentEntries, groupOffsets } };
  }
}

const idOf = ({
  topicId,
  partition,
}: {
  readonly topicId: number;
  readonly partition: number;
}): { readonly topicId: number; readonly partition: number } => ({ topicId, partition });
