import { assert } from '../../core/assert.ts';
import type { CommitFile } from './commit-file.ts';
import type { Moved } from './commit-frame.ts';
import { diskError } from './disk.ts';
import type { EmbeddedTransaction } from './embedded-transaction.ts';
import { ABORTED, ABORT_AT } from './frame.ts';
import type { GroupPositions } from './group-positions.ts';
import type { OpenFiles } from './open-files.ts';
import type { Append, Partition } from './partition.ts';
import type { TailCache } from './tail-cache.ts';

export interface CommitterParts {
  readonly files: OpenFiles;
  readonly commitFile: CommitFile;
  readonly cache: TailCache;
  readonly positions: GroupPositions;
}

interface PlannedAppend {
  readonly partition: Partition;
  readonly append: Append;
}

const ABORTED_BYTE = Uint8Array.of(ABORTED);

/** Decides transactions. Each decision is one synchronous step: nothing can come in between. */
export class Committer {
  /** Bytes appended since the log was opened. */
  writtenBytes = 0;
  private readonly parts: CommitterParts;
  /** Partitions whose aborted offsets no commit frame has named yet. */
  private readonly moved = new Set<Partition>();

  constructor(parts: CommitterParts) {
    this.parts = parts;
  }

  commit(transaction: EmbeddedTransaction): void {
    const planned = [...transaction.touched].flatMap((partition) =>
      partition.plan(transaction).map((append) => ({ partition, append })),
    );
    try {
      this.parts.files.refuseUnsynced();
      this.write(planned);
      this.append(transaction, planned);
    } catch (cause) {
      for (const { append } of planned) this.cutBack(append);
      this.abort(transaction);
      throw diskError('the log', cause);
    }
    transaction.state = 'committed';
    for (const { partition, append } of planned) {
      partition.apply(append, transaction, this.parts.cache);
      this.writtenBytes += append.bytes;
    }
    for (const position of transaction.groupOffsets) this.parts.positions.set(position);
    for (const partition of transaction.touched) partition.settle(transaction);
  }

  abort(transaction: EmbeddedTransaction): void {
    assert(transaction.state === 'open', `the transaction of ${transaction.id} is decided`);
    for (const partition of transaction.touched) this.strikeOut(partition, transaction);
    transaction.state = 'aborted';
    for (const partition of transaction.touched) {
      partition.dropPending(transaction);
      this.moved.add(partition);
    }
    this.nameMoved();
    for (const partition of transaction.touched) partition.settle(transaction);
  }

  private write(planned: readonly PlannedAppend[]): void {
    for (const { append } of planned) {
      const chunks = append.frames.map(({ bytes }) => bytes);
      this.parts.files.write(append.segment.path, chunks, append.position);
    }
  }

  private append(transaction: EmbeddedTransaction, planned: readonly PlannedAppend[]): void {
    const described = planned.map(({ partition, append }) =>
      partition.describe(append, transaction),
    );
    if (transaction.touched.size === 0 && transaction.groupOffsets.length === 0) return;
    this.parts.commitFile.append({
      transaction: transaction.number,
      ends: described.map(({ end }) => end),
      undecided: described.flatMap(({ undecided }) => undecided),
      moved: this.movedEnds(),
      groupOffsets: transaction.groupOffsets,
    });
    this.moved.clear();
  }

  /** Marks frames that were written early as aborted, in the file and in memory. */
  private strikeOut(partition: Partition, transaction: EmbeddedTransaction): void {
    for (const { frame, segment, position } of partition.writtenOf(transaction)) {
      this.parts.files.write(segment.path, [ABORTED_BYTE], position + ABORT_AT);
      frame.isAborted = true;
    }
  }

  /**
   * A reader's position may cover the gap that an abort leaves, so the offsets must not be given
   * away again after a restart.
   */
  private nameMoved(): void {
    if (this.moved.size === 0) return;
    const frame = { transaction: 0, ends: [], undecided: [], groupOffsets: [] };
    try {
      this.parts.commitFile.append({ ...frame, moved: this.movedEnds() });
      this.moved.clear();
    } catch {
      // The disk is full: the next commit frame names them, and no position is stored before it.
    }
  }

  private movedEnds(): readonly Moved[] {
    return [...this.moved].map(({ settings: { topicId, partition }, end: next }) => ({
      topicId,
      partition,
      next,
    }));
  }

  private cutBack({ segment, isNew }: Append): void {
    try {
      if (isNew) this.parts.files.remove(segment.path);
      else this.parts.files.truncate(segment.path, segment.bytes);
    } catch {
      // What lies behind the end is overwritten by the next append, or cut when the log is opened.
    }
  }
}
