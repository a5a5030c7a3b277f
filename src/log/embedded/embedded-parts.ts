import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { Cleanup } from './cleanup.ts';
import { CommitFile } from './commit-file.ts';
import { Committer } from './committer.ts';
import type { Disk } from './disk.ts';
import { GroupPositions } from './group-positions.ts';
import { refuseOlderIndex } from './index-age.ts';
import type { LogIndex } from './log-index.ts';
import type { OpenFiles } from './open-files.ts';
import { recover } from './recovery.ts';
import { Syncer } from './syncer.ts';
import { TailCache } from './tail-cache.ts';
import { TopicTable, type SegmentLimits } from './topic-table.ts';

const SEGMENT_BYTES_MAX = 64 << 20;
/** Smaller, since the last segment is never compacted and every task has a changelog. */
const COMPACTED_SEGMENT_BYTES_MAX = 16 << 20;
const TAIL_BYTES_MAX = 64 << 20;
export interface PartsOptions extends Partial<SegmentLimits> {
  readonly folder: string;
  /** Says the append time of records and the age of segments. */
  readonly clock: Clock;
  /** What all partitions together keep in memory for those who tail them. */
  readonly tailBytesMax?: number;
  readonly disk?: Disk;
}

/** What an embedded log consists of. */
export interface EmbeddedParts {
  readonly folder: string;
  readonly clock: Clock;
  readonly files: OpenFiles;
  readonly index: LogIndex;
  readonly topics: TopicTable;
  readonly positions: GroupPositions;
  readonly committer: Committer;
  readonly syncer: Syncer;
  readonly cleanup: Cleanup;
  readonly nextTransaction: () => number;
}

/** Puts them together, once what a crash left is read. */
export const openParts = async (
  options: PartsOptions,
  { files, index }: Pick<EmbeddedParts, 'files' | 'index'>,
): Promise<EmbeddedParts> => {
  const { folder, clock } = options;
  const positions = new GroupPositions();
  const topicsFolder = join(folder, 'topics');
  const topics = new TopicTable(topicsFolder, files, {
    segmentBytesMax: options.segmentBytesMax ?? SEGMENT_BYTES_MAX,
    compactedSegmentBytesMax: options.compactedSegmentBytesMax ?? COMPACTED_SEGMENT_BYTES_MAX,
  });
  const commits = join(folder, 'commits');
  files.makeFolder(commits);
  files.makeFolder(topicsFolder);
  const content = await index.read();
  refuseOlderIndex({ folder, commits, topics: topicsFolder }, content.mark);
  const found = recover({ folder, commits, files, topics, positions }, content);
  let { transaction } = found;
  const commitFile = new CommitFile(files, commits, { seq: found.seq, number: found.commitFile });
  const cache = new TailCache(options.tailBytesMax ?? TAIL_BYTES_MAX);
  const lastTransaction = (): number => transaction;
  const syncer = new Syncer({ files, index, topics, positions, commitFile, lastTransaction });
  // Before anything is appended, so that what was cut can never be mistaken for what came after.
  await syncer.sync();
  return {
    folder,
    clock,
    files,
    index,
    topics,
    positions,
    committer: new Committer({ files, commitFile, cache, positions }),
    syncer,
    cleanup: new Cleanup({ clock, files, index, topics, syncer }),
    nextTransaction: () => (transaction += 1),
  };
};
