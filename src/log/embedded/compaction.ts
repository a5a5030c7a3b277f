import { turnOfOthers } from '../../core/turn-of-others.ts';
import type { LogRecord } from '../log.ts';
import { packedBytesMax } from '../packed-layout.ts';
import { FrameBuilder, FrameCursor, type Frame } from './frame.ts';
import type { OpenFiles } from './open-files.ts';
import type { Partition } from './partition.ts';
import { SegmentReader } from './segment-reader.ts';
import { Segment } from './segment.ts';

/** Keys held at once, some 100 bytes each; what is beyond waits for the next pass. */
const KEYS_MAX = 500_000;

/** Frames are joined up to this, so that a restore does not read thousands of tiny ones. */
const JOINED_BYTES = 256 << 10;

/** The event loop gets a turn after so many bytes: a few milliseconds. */
const STEP_BYTES = 4 << 20;

/** A frame holds offsets and times as differences of at most 31 bits. */
const DIFFERENCE_MAX = 2 ** 31 - 1;

export interface CompactionOptions {
  readonly files: OpenFiles;
  readonly partition: Partition;
  /** Tombstones appended before this are dropped with what they ended. */
  readonly tombstonesBeforeMs: number;
  /** Throws once the log is closed, and so ends what is under way. */
  readonly refuseClosed: () => void;
  /**
   * Puts the new segment, if anything is left, in the place of the old ones in one step; false:
   * one of them is gone meanwhile, or may not be taken now.
   */
  readonly swap: (
    old: readonly Segment[],
    by: Segment | undefined,
    cleanedTo: number,
  ) => Promise<boolean>;
}

const isDifference = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= DIFFERENCE_MAX;

const keyOf = (key: Buffer): string => key.toString('latin1');

/** Frames of a segment one by one, with a turn of the event loop now and then. */
async function* framesOf(
  { files, refuseClosed }: CompactionOptions,
  segment: Segment,
): AsyncIterable<Frame> {
  const reader = new SegmentReader(files, segment, 0);
  let bytes = 0;
  for (;;) {
    const frame = reader.next(Number.POSITIVE_INFINITY);
    if (frame === undefined) return;
    yield frame;
    bytes += frame.bytes.length;
    if (bytes < STEP_BYTES) continue;
    bytes = 0;
    await turnOfOthers();
    refuseClosed();
  }
}

function* recordsIn(frame: Frame, { settings }: Partition): Iterable<LogRecord> {
  const { topic, partition } = settings;
  const cursor = new FrameCursor(frame);
  while (!cursor.isDone) yield cursor.take(topic, partition);
}

interface LastOffsets {
  readonly last: ReadonlyMap<string, number>;
  /** Everything from what was clean to here is in the map. */
  readonly to: number;
}

const noteLast = (last: Map<string, number>, records: Iterable<LogRecord>): void => {
  for (const { key, offset } of records) if (key !== null) last.set(keyOf(key), offset);
};

const lastOffsets = async (
  options: CompactionOptions,
  sealed: readonly Segment[],
): Promise<LastOffsets> => {
  const { partition } = options;
  const last = new Map<string, number>();
  let to = partition.cleanedTo;
  for (const segment of sealed) {
    if (segment.next <= partition.cleanedTo) continue;
    if (last.size >= KEYS_MAX) break;
    for await (const frame of framesOf(options, segment)) {
      noteLast(last, recordsIn(frame, partition));
    }
    to = segment.next;
  }
  return { last, to };
};

/** Neighbours that fit into one segment together, even if nothing can be dropped. */
const groupsOf = (segments: readonly Segment[], bytesMax: number): readonly Segment[][] => {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of segments) {
    const group = groups.at(-1);
    if (group === undefined || bytes + segment.bytes > bytesMax) {
      groups.push([segment]);
      bytes = 0;
    } else group.push(segment);
    bytes += segment.bytes;
  }
  return groups;
};

/** Appends surviving records to a new segment, joined into frames. */
class SegmentWriter {
  readonly segment: Segment;
  private readonly files: OpenFiles;
  private records: LogRecord[] = [];
  private bytes = 0;

  constructor(files: OpenFiles, segment: Segment) {
    this.files = files;
    this.segment = segment;
  }

  addAll(records: Iterable<LogRecord>, survives: (record: LogRecord) => boolean): void {
    for (const record of records) if (survives(record)) this.add(record);
  }

  private add(record: LogRecord): void {
    const { offset, appendedAtMs } = this.records[0] ?? record;
    const fits =
      isDifference(record.offset - offset) && isDifference(record.appendedAtMs - appendedAtMs);
    if (!fits || this.bytes > JOINED_BYTES) this.flush();
    this.records.push(record);
    this.bytes += packedBytesMax(record);
  }

  flush(): void {
    const [first] = this.records;
    if (first === undefined) return;
    const { offset: base, appendedAtMs } = first;
    const builder = new FrameBuilder({
      base,
      appendedAtMs,
      capacityBytes: this.bytes,
    });
    for (const record of this.records) builder.add(record.offset, record.appendedAtMs, record);
    const frame = builder.finish();
    const { segment } = this;
    this.files.write(segment.path, [frame.bytes], segment.bytes);
    segment.grow(frame, frame.bytes.length);
    segment.lastAppendedAtMs = Math.max(
      segment.lastAppendedAtMs,
      ...this.records.map((record) => record.appendedAtMs),
    );
    this.records = [];
    this.bytes = 0;
  }
}

/** Writes what survives of some segments into one, on the device when it resolves. */
const rewrite = async (
  options: CompactionOptions,
  group: readonly Segment[],
  { last }: LastOffsets,
): Promise<Segment> => {
  const { files, partition, tombstonesBeforeMs } = options;
  const { folder } = partition.settings;
  const generation = 1 + Math.max(...group.map((segment) => segment.generation));
  const writer = new SegmentWriter(files, Segment.empty(folder, group[0]?.base ?? 0, generation));
  const survives = ({ key, value, offset, appendedAtMs }: LogRecord): boolean => {
    if (key === null) return true;
    if ((last.get(keyOf(key)) ?? offset) > offset) return false;
    return value !== null || appendedAtMs >= tombstonesBeforeMs;
  };
  try {
    for (const segment of group) {
      for await (const frame of framesOf(options, segment)) {
        writer.addAll(recordsIn(frame, partition), survives);
      }
    }
    writer.flush();
  } catch (error) {
    files.remove(writer.segment.path);
    throw error;
  }
  return writer.segment;
};

/**
 * Keeps the last record of each key in the sealed segments of one partition; offsets stay. Oldest
 * first, so that a tombstone never goes before what it ended. A crash at any point leaves the old
 * segments or the new one.
 */
export const compactPartition = async (options: CompactionOptions): Promise<void> => {
  const { files, partition, refuseClosed, swap } = options;
  const { sealed } = partition;
  const found = await lastOffsets(options, sealed);
  if (found.to === partition.cleanedTo) return;
  const affected = sealed.filter(({ next }) => next <= found.to);
  for (const group of groupsOf(affected, partition.settings.segmentBytesMax)) {
    refuseClosed();
    const segment = await rewrite(options, group, found);
    const isEmpty = segment.bytes === 0;
    const cleanedTo = Math.max(partition.cleanedTo, group.at(-1)?.next ?? 0);
    const swapped = await swap(group, isEmpty ? undefined : segment, cleanedTo);
    if (!swapped) {
      files.remove(segment.path);
      return;
    }
  }
};

/** Whether enough has been sealed since the last compaction to be worth rewriting what is clean. */
export const isWorthCompacting = ({ sealed, cleanedTo }: Partition): boolean => {
  let dirty = 0;
  let clean = 0;
  for (const { next, bytes } of sealed) {
    if (next > cleanedTo) dirty += bytes;
    else clean += bytes;
  }
  return dirty > 0 && dirty >= clean;
};
