import { setMaxListeners } from 'node:events';
import { abortedBy } from '../core/aborted-by.ts';
import { parseInstant } from '../core/instant.ts';
import { timeZone } from '../core/time-zone.ts';
import type { Log, LogReader, LogRecord, PartitionOffsets, TopicOffsets } from '../log/log.ts';
import { offset, type Offset } from '../log/offset.ts';
import { readBetween } from '../log/read-between.ts';
import { CliError } from './errors.ts';
import { knownNames } from './known-names.ts';

/** Where reading begins in each partition. */
export type From =
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'last'; readonly count: number }
  | { readonly kind: 'time'; readonly appendedAtMs: number };

/**
 * Reads `start`, `end`, an offset, `-10` (the last ten of each partition) or an append time, in UTC
 * where it names no zone.
 */
export const parseFrom = (text: string, option = '--from'): From => {
  if (text === 'start' || text === 'end') return { kind: text };
  const [, minus, digits] = /^(-?)(\d{1,15})$/.exec(text) ?? [];
  if (digits !== undefined) {
    const count = Number(digits);
    return minus === '-' ? { kind: 'last', count } : { kind: 'offset', offset: count };
  }
  const appendedAtMs = parseInstant(text, timeZone('UTC'));
  if (!Number.isNaN(appendedAtMs)) return { kind: 'time', appendedAtMs };
  throw new CliError(
    'USAGE',
    `${option} ${text} is none of start, end, an offset, -N for the last N, or a time such as ` +
      '2001-01-01 or 2001-01-01T00:00:00Z',
  );
};

/** Some thousands of records a read, bounded by bytes for large ones. */
const LIMITS = { maxRecords: 1_000, maxBytes: 1 << 20 };

/** How much further back each next look goes when markers and gaps took the place of records. */
const LOOK_BACK_FACTOR = 4;

export interface Place {
  readonly log: Log;
  readonly topic: string;
  readonly partition: number;
  readonly wants: (record: LogRecord) => boolean;
}

/** Offsets of the wanted records in [from, end). */
const offsetsOf = async (
  { log, topic, partition, wants }: Place,
  from: Offset,
  end: Offset,
): Promise<readonly Offset[]> => {
  const offsets: Offset[] = [];
  for await (const { records } of readBetween(log, { topic, partition, from, to: end }, LIMITS)) {
    offsets.push(...records.filter(wants).map((record) => record.offset));
  }
  return offsets;
};

/** Where the last `count` wanted records begin; not every offset holds one. */
const lastRecords = async (
  place: Place,
  { start, stableEnd }: PartitionOffsets,
  count: number,
): Promise<Offset> => {
  if (count === 0) return stableEnd;
  for (let span = count; ; span *= LOOK_BACK_FACTOR) {
    const from = offset(Math.max(stableEnd - span, start));
    const offsets = await offsetsOf(place, from, stableEnd);
    const first = offsets.at(-count);
    if (first !== undefined) return first;
    if (from === start) return start;
  }
};

/** Where reading begins; a time is where it begins to be looked for. */
export const positionOf = async (
  from: From,
  place: Place,
  bounds: PartitionOffsets,
): Promise<Offset> => {
  const { start, stableEnd } = bounds;
  switch (from.kind) {
    case 'end':
      return stableEnd;
    case 'offset':
      return offset(Math.min(Math.max(from.offset, start), stableEnd));
    case 'last':
      return lastRecords(place, bounds, from.count);
    case 'start':
    case 'time':
      return start;
  }
};

export const offsetsOfTopic = async (log: Log, topic: string): Promise<TopicOffsets> => {
  const [state] = await log.offsetsOf([topic]);
  if (state !== undefined) return state;
  const names = (await log.topics()).map(({ definition }) => definition.name).sort();
  const known =
    names.length === 0
      ? 'this log has no topics yet'
      : knownNames(topic, { kind: 'topics', names, listedBy: 'tidecast topics list' });
  throw new CliError('NOT_FOUND', `there is no topic ${topic}; ${known}`);
};

/** One partition being read: what is buffered of it, and whether more will come. */
class PartitionRead {
  readonly reader: LogReader;
  private readonly end: Offset | undefined;
  private buffer: readonly LogRecord[] = [];
  private at = 0;
  private next: Offset;
  /** It had nothing when it was last asked, and no wait has ended since. */
  isQuiet = false;

  /** Reads up to `end`; for ever when it is undefined. */
  constructor(reader: LogReader, from: Offset, end: Offset | undefined) {
    this.reader = reader;
    this.next = from;
    this.end = end;
  }

  get head(): LogRecord | undefined {
    return this.buffer[this.at];
  }

  /** It may have more, as far as is known. */
  get isDue(): boolean {
    return this.head === undefined && !this.isQuiet && !this.isDone;
  }

  get isDone(): boolean {
    return this.head === undefined && this.end !== undefined && this.next >= this.end;
  }

  take(): void {
    this.at += 1;
  }

  /** Takes more in when the buffer is used up, if there is more now. */
  async fill(): Promise<void> {
    while (this.head === undefined && !this.isDone) {
      const { records, next } = await this.reader.poll(LIMITS);
      const stood = next === this.next;
      this.buffer = records.filter((record) => this.end === undefined || record.offset < this.end);
      this.at = 0;
      this.next = next;
      this.isQuiet = records.length === 0 && stood;
      if (this.isQuiet) return;
    }
  }
}

/** The read whose record was appended first; ties go by partition. */
const earliest = (reads: readonly PartitionRead[]): PartitionRead | undefined => {
  let best: PartitionRead | undefined;
  for (const read of reads) {
    if (read.head === undefined) continue;
    if (best?.head === undefined || read.head.appendedAtMs < best.head.appendedAtMs) best = read;
  }
  return best;
};

export interface ReadOptions {
  readonly topic: string;
  readonly from: From;
  /** All partitions when it is left out. */
  readonly partition?: number | undefined;
  /** Which records are read, and counted from the end; all when it is left out. */
  readonly wants?: ((record: LogRecord) => boolean) | undefined;
  /** true: goes on with what is appended later, until the signal aborts. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

const openReads = async (log: Log, options: ReadOptions): Promise<readonly PartitionRead[]> => {
  const { topic, from, partition, follow, wants = () => true } = options;
  const { offsets } = await offsetsOfTopic(log, topic);
  const wanted = [...offsets.entries()].filter(
    ([at]) => partition === undefined || at === partition,
  );
  if (wanted.length === 0) {
    throw new CliError('USAGE', `${topic} has partitions 0 to ${offsets.length - 1} only`);
  }
  return Promise.all(
    wanted.map(async ([at, bounds]) => {
      const position = await positionOf(from, { log, topic, partition: at, wants }, bounds);
      const reader = log.reader(topic, at, position);
      return new PartitionRead(reader, position, follow ? undefined : bounds.stableEnd);
    }),
  );
};

/** Any span: the timer does nothing but exist. */
const KEEP_ALIVE_MS = 60_000;

/** Waits until one of the reads may have more, and lets go of the waits of the others. */
const anyMore = async (reads: readonly PartitionRead[], signal: AbortSignal): Promise<void> => {
  const settled = abortedBy(signal);
  // Every read waits by the same signal: that many listeners are no leak.
  setMaxListeners(reads.length + 1, settled.signal);
  // A wait inside one process holds no handle, and without any Node would end the process.
  const alive = setInterval(() => undefined, KEEP_ALIVE_MS);
  try {
    await Promise.race(reads.map(({ reader }) => reader.more(settled.signal)));
  } finally {
    clearInterval(alive);
    settled.abort();
  }
  for (const read of reads) read.isQuiet = false;
};

/**
 * Asks those that ran out, and those that had nothing once others brought something: not for each
 * record, and yet so often that a read that never ends keeps none of them from being heard.
 */
const fill = async (reads: readonly PartitionRead[]): Promise<void> => {
  const due = reads.filter(({ isDue }) => isDue);
  const quiet = reads.filter(({ isQuiet }) => isQuiet);
  for (const read of due) await read.fill();
  if (due.every(({ head }) => head === undefined)) return;
  for (const read of quiet) await read.fill();
};

const takeEarliest = async (reads: readonly PartitionRead[]): Promise<LogRecord | undefined> => {
  await fill(reads);
  const read = earliest(reads);
  const record = read?.head;
  read?.take();
  return record;
};

/** Where reading begins by time, it is told by the records alone. */
const isWantedOf = ({ from, wants = () => true }: ReadOptions): Place['wants'] => {
  const sinceMs = from.kind === 'time' ? from.appendedAtMs : -Infinity;
  return (record) => record.appendedAtMs >= sinceMs && wants(record);
};

/**
 * Committed records of a topic, merged by append time, up to its present end or for ever. Code
 * `INTERRUPTED` where it is stopped before that end: a part is not to pass for the whole.
 */
export async function* readTopic(log: Log, options: ReadOptions): AsyncGenerator<LogRecord> {
  const { topic, follow, signal } = options;
  const isWanted = isWantedOf(options);
  const reads = await openReads(log, options);
  try {
    while (!signal.aborted) {
      const record = await takeEarliest(reads);
      if (record === undefined && !follow) return;
      if (record === undefined) await anyMore(reads, signal);
      else if (isWanted(record)) yield record;
    }
    if (follow) return;
    throw new CliError('INTERRUPTED', `stopped before ${topic} was read to its end: call it again`);
  } finally {
    for (const { reader } of reads) reader.close();
  }
}
