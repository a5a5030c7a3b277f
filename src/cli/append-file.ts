import { setTimeout as wait } from 'node:timers/promises';
import { systemClock, type Clock } from '../core/clock.ts';
import { partitionOf } from '../core/murmur2.ts';
import { fieldPath, type ReadField } from '../ingestion/field-path.ts';
import { fileLines } from '../ingestion/files/lines.ts';
import { fileFormat, readRows } from '../ingestion/files/rows.ts';
import type { Row } from '../ingestion/files/row.ts';
import type { Log, OutgoingRecord } from '../log/log.ts';
import { recordBytes } from '../log/record-size.ts';
import type { TopicDefinition } from '../schemas/topic.ts';
import { CliError } from './errors.ts';

export interface AppendOptions {
  readonly log: Log;
  readonly file: string;
  readonly topic: string;
  /** What the topic is made as, if it is not there once the first record is to be appended. */
  readonly create?: TopicDefinition | undefined;
  readonly transactionalId: string;
  /** Path of the field that becomes the key, and so decides the partition. */
  readonly key?: string | undefined;
  /** Everything goes to this one; else by key, else in turn. */
  readonly partition?: number | undefined;
  /** A row with more in key and value is left out. */
  readonly recordBytesMax: number;
  /** Records a second at most. */
  readonly rate?: number | undefined;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onProgress?: (records: number) => void;
}

export interface Appended {
  readonly topic: string;
  readonly records: number;
  readonly bytes: number;
  /** Records by partition. */
  readonly partitions: readonly number[];
  /** Records without the field that was to become the key: they went in turn. */
  readonly withoutKey: number;
  /** Rows that were left out, since they are too large. */
  readonly refused: number;
  /** The first of them. */
  readonly refusals: readonly Refusal[];
}

/** A row that was left out, so that its neighbours are not. */
export interface Refusal {
  /** Its line in a JSON lines file, else its number among the rows; from 1. */
  readonly row: number;
  /** Of its key and value together. */
  readonly bytes: number;
}

/** A raw event ready to be appended. */
interface Raw {
  readonly number: number;
  readonly value: Buffer;
  /** Parsed only where a key must be found. */
  readonly row: Row | undefined;
}

/** Slices of a second in which a rate is kept: fine enough to look even. */
const SLICES_PER_SECOND = 10;

/** What one transaction appends when nothing holds it back; both far below what memory minds. */
const PORTION_RECORDS = 40_000;
const PORTION_BYTES = 4 << 20;

/** Enough to see what they have in common. */
const REFUSALS_MAX = 10;

const rowOf = (line: string): Row | undefined => {
  try {
    const row: unknown = JSON.parse(line);
    // An object from JSON has texts for keys.
    return typeof row === 'object' && row !== null ? (row as Row) : undefined;
  } catch {
    // A broken line is appended as it stands: the dead letters are to show it.
    return undefined;
  }
};

/** JSON lines as they stand, broken ones too. */
async function* rawLines(file: string, needsRow: boolean): AsyncGenerator<readonly Raw[]> {
  let number = 0;
  for await (const lines of fileLines(file)) {
    const raw: Raw[] = [];
    for (const line of lines) {
      number += 1;
      if (line === '') continue;
      raw.push({ number, value: Buffer.from(line), row: needsRow ? rowOf(line) : undefined });
    }
    yield raw;
  }
}

/** Rows of other files as JSON. */
async function* rawRows(file: string): AsyncGenerator<readonly Raw[]> {
  let number = 0;
  for await (const rows of readRows(file)) {
    yield rows.map((row) => {
      number += 1;
      return { number, value: Buffer.from(JSON.stringify(row)), row };
    });
  }
}

const rawEvents = (file: string, needsRow: boolean): AsyncGenerator<readonly Raw[]> =>
  fileFormat(file) === 'json-lines' ? rawLines(file, needsRow) : rawRows(file);

/** Joins batches, so that the cost of a transaction, beside a busy owner above all, is small. */
async function* portions(batches: AsyncIterable<readonly Raw[]>): AsyncGenerator<readonly Raw[]> {
  let portion: Raw[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    for (const raw of batch) {
      portion.push(raw);
      bytes += raw.value.length;
    }
    if (portion.length < PORTION_RECORDS && bytes < PORTION_BYTES) continue;
    yield portion;
    portion = [];
    bytes = 0;
  }
  if (portion.length > 0) yield portion;
}

/** The events of a file in the portions that are committed together. */
async function* slices({ file, key, rate }: AppendOptions): AsyncGenerator<readonly Raw[]> {
  const events = rawEvents(file, key !== undefined);
  if (rate === undefined) {
    yield* portions(events);
    return;
  }
  const size = Math.max(1, Math.ceil(rate / SLICES_PER_SECOND));
  for await (const batch of events) {
    for (let start = 0; start < batch.length; start += size) {
      yield batch.slice(start, start + size);
    }
  }
}

interface Place {
  readonly partitions: number;
  /** The topic, if it is to be made first. */
  readonly missing: TopicDefinition[];
}

const placeOf = async (options: AppendOptions): Promise<Place> => {
  const { log, topic, create, partition = 0 } = options;
  const [state] = await log.offsetsOf([topic]);
  const partitions = state?.offsets.length ?? create?.partitions;
  if (partitions === undefined) {
    throw new CliError(
      'NOT_FOUND',
      `there is no topic ${topic}: create it on the broker (tidecast topics create --sources, ` +
        'where it is a source), or check its name (tidecast topics list)',
    );
  }
  if (partition >= partitions) {
    throw new CliError('USAGE', `${topic} has partitions 0 to ${partitions - 1} only`);
  }
  return { partitions, missing: state === undefined && create !== undefined ? [create] : [] };
};

const keyOf = (read: ReadField | undefined, row: Row | undefined): Buffer | null => {
  const field = row === undefined ? undefined : read?.(row);
  const isName = typeof field === 'string' || typeof field === 'number';
  return isName ? Buffer.from(String(field)) : null;
};

/** Appends one file and keeps count. */
class Appender {
  readonly counts: number[];
  bytes = 0;
  withoutKey = 0;
  refused = 0;
  readonly refusals: Refusal[] = [];
  private readonly options: AppendOptions;
  private readonly readKey: ReadField | undefined;
  private turn = 0;

  constructor(options: AppendOptions, partitions: number) {
    this.options = options;
    this.counts = new Array<number>(partitions).fill(0);
    this.readKey = options.key === undefined ? undefined : fieldPath(options.key);
  }

  get records(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** What is to be appended of some rows. */
  outgoing(raw: readonly Raw[]): readonly OutgoingRecord[] {
    const records: OutgoingRecord[] = [];
    for (const { number, value, row } of raw) {
      const key = keyOf(this.readKey, row);
      const bytes = recordBytes({ key, value });
      if (bytes > this.options.recordBytesMax) {
        this.refuse({ row: number, bytes });
        continue;
      }
      const partition = this.options.partition ?? this.place(key);
      records.push({ topic: this.options.topic, partition, key, value });
    }
    return records;
  }

  count(records: readonly OutgoingRecord[]): void {
    for (const { partition, key, value } of records) {
      this.counts[partition] = (this.counts[partition] ?? 0) + 1;
      if (key === null && this.readKey !== undefined) this.withoutKey += 1;
      this.bytes += value?.length ?? 0;
    }
  }

  private refuse(refusal: Refusal): void {
    this.refused += 1;
    if (this.refusals.length < REFUSALS_MAX) this.refusals.push(refusal);
  }

  private place(key: Buffer | null): number {
    if (key !== null) return partitionOf(key, this.counts.length);
    const place = this.turn;
    this.turn = (place + 1) % this.counts.length;
    return place;
  }
}

/** Resolves when so many records are due at the rate. */
const pace = async (
  { rate, signal }: AppendOptions,
  records: number,
  elapsedMs: number,
): Promise<void> => {
  if (rate === undefined) return;
  const dueMs = (records / rate) * 1_000 - elapsedMs;
  if (dueMs > 0) await wait(dueMs, undefined, { signal, ref: true });
};

const interrupted = (records: number, topic: string): CliError =>
  new CliError('INTERRUPTED', `stopped after ${records} records were appended to ${topic}`);

/**
 * Appends a file's rows as raw JSON events, some thousands a transaction. A row that is too large
 * is left out and counted. When it fails, all that the error counts is committed; whether the
 * transaction after it is, too, is not known where the error is LOG_OUTCOME_UNKNOWN.
 */
export const appendFile = async (options: AppendOptions): Promise<Appended> => {
  const { log, topic, signal, clock = systemClock } = options;
  const { partitions, missing } = await placeOf(options);
  const appender = new Appender(options, partitions);
  const producer = await log.producer(options.transactionalId);
  const startedAt = clock.monotonic();
  try {
    for await (const raw of slices(options)) {
      if (signal.aborted) throw interrupted(appender.records, topic);
      const records = appender.outgoing(raw);
      if (records.length === 0) continue;
      // Not before: a call that fails before its first record is to leave nothing behind.
      if (missing.length > 0) await log.ensureTopics(missing.splice(0));
      const transaction = await producer.begin();
      await transaction.send(records);
      await transaction.commit();
      appender.count(records);
      options.onProgress?.(appender.records);
      await pace(options, appender.records, clock.monotonic() - startedAt);
    }
  } catch (error) {
    throw signal.aborted ? interrupted(appender.records, topic) : error;
  } finally {
    await producer.close();
  }
  const { records, bytes, counts, withoutKey, refused, refusals } = appender;
  return { topic, records, bytes, partitions: counts, withoutKey, refused, refusals };
};
