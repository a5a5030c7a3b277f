import type { OutgoingRecord } from '../log.ts';
import { RECORD_BYTES_MAX, recordBytes, refuseTooLarge } from '../record-size.ts';
import { FrameBuilder, frameRecordBytes, type Frame } from './frame.ts';
import type { Partition } from './partition.ts';

/** A send beyond this becomes several frames, so that a reader never needs more at once. */
const FRAME_BYTES_GOAL = 16 << 20;

interface Stage {
  readonly partition: Partition;
  bytes: number;
  count: number;
  builder: FrameBuilder | undefined;
}

/** A frame for one partition, to be reserved before the next one is taken. */
export interface StagedFrame {
  readonly partition: Partition;
  readonly frame: Frame;
}

export interface StagingOptions {
  readonly appendedAtMs: number;
  readonly find: (topic: string, partition: number) => Partition;
}

const sizeOf = (record: OutgoingRecord): number => {
  const bytes = frameRecordBytes(record);
  if (bytes > RECORD_BYTES_MAX) refuseTooLarge(record, recordBytes(record));
  return bytes;
};

/** The stage of each record: one a partition, or more when it would grow too large. */
const assign = (
  records: readonly OutgoingRecord[],
  find: StagingOptions['find'],
): readonly Stage[] => {
  const current = new Map<Partition, Stage>();
  return records.map((record) => {
    const bytes = sizeOf(record);
    const partition = find(record.topic, record.partition);
    let stage = current.get(partition);
    if (stage === undefined || stage.bytes + bytes > FRAME_BYTES_GOAL) {
      stage = { partition, bytes: 0, count: 0, builder: undefined };
      current.set(partition, stage);
    }
    stage.bytes += bytes;
    stage.count += 1;
    return stage;
  });
};

/** Encodes records into frames; nothing is encoded before all of them are found to be in order. */
export function* stagedFrames(
  records: readonly OutgoingRecord[],
  { appendedAtMs, find }: StagingOptions,
): Iterable<StagedFrame> {
  const stages = assign(records, find);
  const ends = new Map<Partition, number>();
  const used: Stage[] = [];
  for (const [index, stage] of stages.entries()) {
    if (stage.builder === undefined) {
      const base = ends.get(stage.partition) ?? stage.partition.end;
      ends.set(stage.partition, base + stage.count);
      stage.builder = new FrameBuilder({ base, appendedAtMs, capacityBytes: stage.bytes });
      used.push(stage);
    }
    // There is one stage a record.
    stage.builder.add(records[index] as OutgoingRecord);
  }
  for (const { partition, builder } of used) {
    if (builder !== undefined) yield { partition, frame: builder.finish() };
  }
}
