import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasCode } from '../../core/errors.ts';
import { LogError } from '../errors.ts';
import { commitFileNumbers, readCommitFile } from './commit-file.ts';
import {
  commitFrames,
  type CommitFrame,
  type NewEnd,
  type PartitionId,
  type Undecided,
} from './commit-frame.ts';
import { ABORTED, ABORT_AT } from './frame.ts';
import type { GroupPositions } from './group-positions.ts';
import { corruptFolder } from './index-age.ts';
import type { IndexContent, SyncMark } from './log-index.ts';
import type { OpenFiles } from './open-files.ts';
import type { Partition } from './partition.ts';
import { SegmentReader } from './segment-reader.ts';
import { Segment } from './segment.ts';
import type { TopicTable } from './topic-table.ts';

export interface RecoveryParts {
  readonly folder: string;
  readonly commits: string;
  readonly files: OpenFiles;
  readonly topics: TopicTable;
  readonly positions: GroupPositions;
}

/** Where the log goes on. */
export interface Recovered {
  readonly seq: number;
  readonly transaction: number;
  readonly commitFile: number;
}

/** Of a log that nothing was committed to yet. */
const FIRST_MARK: SyncMark = { seq: 0, transaction: 0, commitFile: 1 };

/** A segment as it will be once its commit frame counts. */
interface Grown {
  readonly partition: Partition;
  readonly segment: Segment;
  readonly isNew: boolean;
  readonly probe: Segment;
}

const undecidedKey = ({ topicId, partition, segment, position }: Undecided): string =>
  `${topicId}/${partition}/${segment}/${position}`;

const isMissing = (error: LogError): boolean => hasCode(error.cause, 'ENOENT');

/** Whether every frame from the segment's end to the probe's is there and whole. */
const isWhole = (files: OpenFiles, from: number, probe: Segment): boolean => {
  const reader = new SegmentReader(files, probe, from);
  try {
    for (;;) {
      const frame = reader.next(Number.POSITIVE_INFINITY);
      if (frame === undefined) return true;
      probe.firstAppendedAtMs = Math.min(probe.firstAppendedAtMs, frame.appendedAtMs);
      probe.lastAppendedAtMs = Math.max(probe.lastAppendedAtMs, frame.appendedAtMs);
    }
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    if (error.code === 'LOG_CORRUPT' || isMissing(error)) return false;
    throw error;
  }
};

const sizeOf = ({ path }: Segment): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Refuses a segment that lost what the index or a commit frame names. */
const refuseLost = ({ segments }: Partition): void => {
  const lost = segments.find((segment) => sizeOf(segment) < segment.bytes);
  if (lost === undefined) return;
  throw corruptFolder(lost.path, `has ${sizeOf(lost)} bytes instead of ${lost.bytes}`);
};

/** Brings a log back to the last transaction that is whole: the index, then what came after it. */
class Recovery {
  private readonly parts: RecoveryParts;
  private readonly mark: SyncMark;
  private readonly undecided = new Map<string, Undecided>();
  /** Segments that are longer than the index knows, and what it knows of them. */
  private readonly grownFrom = new Map<Segment, number>();
  private seq: number;
  private transaction: number;

  constructor(parts: RecoveryParts, { mark = FIRST_MARK, ends }: IndexContent) {
    this.parts = parts;
    this.mark = mark;
    this.seq = mark.seq;
    this.transaction = mark.transaction;
    for (const { record } of ends) {
      for (const entry of record.undecided) this.undecided.set(undecidedKey(entry), entry);
    }
  }

  run(): Recovered {
    const { commits, files, topics } = this.parts;
    const numbers = commitFileNumbers(commits);
    this.replay(numbers);
    // All of them before the first cut: what is refused is left as it was.
    for (const partition of topics.partitions) refuseLost(partition);
    for (const partition of topics.partitions) this.cut(partition);
    for (const [{ path, bytes }, from] of this.grownFrom) files.rewrite(path, from, bytes);
    for (const entry of this.undecided.values()) this.strikeOut(entry);
    for (const partition of topics.partitions) partition.recoveredTo(partition.end);
    const commitFile = Math.max(this.mark.commitFile, ...numbers) + 1;
    return { seq: this.seq, transaction: this.transaction, commitFile };
  }

  private replay(numbers: readonly number[]): void {
    const { mark } = this;
    for (const number of numbers) {
      if (number < mark.commitFile) continue;
      for (const frame of commitFrames(readCommitFile(this.parts.commits, number))) {
        if (frame.seq <= mark.seq) continue;
        if (frame.seq !== this.seq + 1 || !this.take(frame)) return;
      }
    }
  }

  /** Takes a transaction over, unless something of it is missing: then nothing of it counts. */
  private take(frame: CommitFrame): boolean {
    const grown: Grown[] = [];
    for (const end of frame.ends) {
      const one = this.grown(end);
      if (one === undefined) return false;
      grown.push(one);
    }
    for (const one of grown) this.grow(one);
    for (const { next, ...id } of [...frame.ends, ...frame.moved]) {
      const partition = this.partition(id);
      partition.end = Math.max(partition.end, next);
      partition.isDirty = true;
    }
    for (const entry of frame.undecided) this.undecided.set(undecidedKey(entry), entry);
    for (const [key, { transaction }] of this.undecided) {
      if (transaction === frame.transaction) this.undecided.delete(key);
    }
    for (const position of frame.groupOffsets) this.parts.positions.set(position);
    this.seq = frame.seq;
    this.transaction = Math.max(this.transaction, frame.transaction);
    return true;
  }

  /** The index has a topic before any commit names it. */
  private partition(id: PartitionId): Partition {
    const partition = this.parts.topics.withId(id);
    if (partition !== undefined) return partition;
    throw corruptFolder(this.parts.folder, 'has records of a topic that its index does not know');
  }

  private grown(end: NewEnd): Grown | undefined {
    const partition = this.partition(end);
    const { active, settings } = partition;
    const isNew = active?.base !== end.segment;
    const segment = isNew ? Segment.empty(settings.folder, end.segment) : active;
    const probe = new Segment(settings.folder, {
      ...segment.record,
      next: end.next,
      bytes: end.bytes,
    });
    const whole = isWhole(this.parts.files, segment.bytes, probe);
    return whole ? { partition, segment, isNew, probe } : undefined;
  }

  private grow({ partition, segment, isNew, probe }: Grown): void {
    if (!this.grownFrom.has(segment)) this.grownFrom.set(segment, segment.bytes);
    if (isNew) partition.segments.push(segment);
    segment.next = probe.next;
    segment.bytes = probe.bytes;
    segment.firstAppendedAtMs = probe.firstAppendedAtMs;
    segment.lastAppendedAtMs = probe.lastAppendedAtMs;
    segment.isDirty = true;
  }

  /** Cuts what no commit frame names. */
  private cut(partition: Partition): void {
    const { files } = this.parts;
    const { folder } = partition.settings;
    const known = new Set(partition.segments.map(({ path }) => basename(path)));
    for (const name of readdirSync(folder)) {
      if (!known.has(name)) files.remove(join(folder, name));
    }
    for (const segment of partition.segments) {
      if (sizeOf(segment) > segment.bytes) files.truncate(segment.path, segment.bytes);
    }
  }

  private strikeOut(entry: Undecided): void {
    const partition = this.parts.topics.withId(entry);
    if (partition === undefined) return;
    // The next mark leaves it out: compaction may put other frames in its place.
    partition.isDirty = true;
    const segment = partition.segments.find(({ base }) => base === entry.segment);
    // Compaction takes what is decided alone: there it has been struck out before.
    if (segment === undefined || segment.generation > 0) return;
    if (entry.position >= segment.bytes) return;
    this.parts.files.write(segment.path, [Uint8Array.of(ABORTED)], entry.position + ABORT_AT);
  }
}

/**
 * Reads commit frames from the sync mark on, takes over each transaction whose frames are whole,
 * stops at the first that is not, and cuts the rest. What a killed process wrote is in the page
 * cache, so it loses nothing; after a power cut a prefix of the transactions is left, each whole.
 */
export const recover = (parts: RecoveryParts, content: IndexContent): Recovered => {
  for (const position of content.groupOffsets) parts.positions.set(position);
  parts.positions.take();
  parts.topics.load(content);
  return new Recovery(parts, content).run();
};
