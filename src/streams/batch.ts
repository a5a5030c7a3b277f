import type { LogRecord } from '../log/log.ts';
import type { Offset } from '../log/offset.ts';
import { RecordPacker } from '../log/record-packer.ts';

/** What a poll took from one partition of one source. */
export interface SourceBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Resume here. */
  readonly next: Offset;
}

/** Everything that one poll returned, in the order of the topology's sources. */
export interface PolledSources {
  readonly inputs: readonly SourceBatch[];
  /** Every source was read to its stable end. */
  readonly atEnd: boolean;
}

/** A unit of work: it flows through a topology and gathers what must be committed together. */
export interface Batch<T> {
  readonly content: T;
  /** Wall clock of the poll, epoch ms: for decisions that are recorded, never for results. */
  readonly nowMs: number;
  readonly outbox: Outbox;
}

/** Records that are staged: the commit sends them, and nobody else can. */
export interface Outbox {
  readonly records: RecordPacker;
  /** The reason of each dead letter among them: counted once they are committed. */
  readonly refusals: string[];
  /** What is counted of the batch, by what it is told to. */
  readonly counts: Map<Tell, number>;
}

/** Takes a count to where people see it. */
export type Tell = (count: number) => void;

/** Counts what is true only if the batch is committed: one that is undone never was. */
export const count = ({ counts }: Outbox, tell: Tell, by = 1): void => {
  counts.set(tell, (counts.get(tell) ?? 0) + by);
};

/** To be called once the batch is committed. */
export const tellCounts = ({ counts }: Outbox): void => {
  for (const [tell, sum] of counts) tell(sum);
};

/** Empty; its memory is lent by a task, whose batches follow one another. */
export const outbox = (records = new RecordPacker()): Outbox => {
  records.clear();
  return { records, refusals: [], counts: new Map() };
};

/** The same batch, carrying what an operator made of its content. */
export const withContent = <A, B>(batch: Batch<A>, content: B): Batch<B> => ({
  content,
  nowMs: batch.nowMs,
  outbox: batch.outbox,
});

/** The records of one topic in a poll, over all partitions read, or none. */
export const recordsOf = (polled: PolledSources, topic: string): readonly LogRecord[] => {
  const inputs = polled.inputs.filter((input) => input.topic === topic);
  const [only] = inputs;
  if (only === undefined) return [];
  return inputs.length === 1 ? only.records : inputs.flatMap(({ records }) => records);
};

/** How many records a poll brought. */
export const recordCount = ({ inputs }: PolledSources): number =>
  inputs.reduce((sum, { records }) => sum + records.length, 0);
