import { lastValueFrom, of } from 'rxjs';
import type { LogRecord, OutgoingRecord } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import { unpacked } from '../../src/log/packed-reader.ts';
import { TaskState } from '../../src/state/task-state.ts';
import { outbox, tellCounts, type Outbox, type SourceBatch } from '../../src/streams/batch.ts';
import type { Refusal } from '../../src/streams/dead-letter-sink.ts';
import type { TaskProgram, Topology } from '../../src/streams/topology.ts';
import { WatermarkVector } from '../../src/streams/watermarks.ts';

/** A record to feed; the next offset of its partition is given to one that has none. */
export interface FedRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key?: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly appendedAtMs?: number;
  readonly offset?: number;
}

export interface FeedOptions {
  readonly nowMs?: number;
  readonly atEnd?: boolean;
}

/** Batches that a program may ask for without input before it counts as running for ever. */
const PENDING_MAX = 10_000;

/**
 * One task without an engine: records in, records out, committed batch by batch. Its changelog is
 * kept, so that a test can revive the task from it at any time.
 */
export class TopologyDriver {
  readonly topology: Topology;
  readonly partition: number;
  readonly refusals: (Refusal & { readonly record: LogRecord })[] = [];
  /** Everything committed so far. */
  readonly sent: OutgoingRecord[] = [];
  /** How many records each commit sent. */
  readonly commits: number[] = [];
  /** The last value of each changelog key. */
  readonly changelog = new Map<string, Uint8Array>();
  /** Aborts what a program does at length, as stopping its task would. */
  readonly stopping = new AbortController();
  private readonly ends = new Map<string, number>();
  private savedWatermarks: ReturnType<WatermarkVector['toRecord']> = [];
  private state: TaskState;
  private watermarks = new WatermarkVector();
  private program: TaskProgram;

  constructor(topology: Topology, partition = 0) {
    this.topology = topology;
    this.partition = partition;
    this.state = new TaskState(topology.stores);
    this.program = this.start();
  }

  get isPaused(): boolean {
    return this.program.paused?.() ?? false;
  }

  /**
   * Feeds one batch and, until the program asks for no more, empty ones; returns what they
   * committed.
   */
  async feed(records: readonly FedRecord[], options: FeedOptions = {}): Promise<OutgoingRecord[]> {
    const sent = await this.run(this.inputsOf(records), options);
    for (let round = 0; this.program.pending?.() === true; round += 1) {
      if (round > PENDING_MAX) throw new Error('the program never stops asking for more');
      for (const one of await this.run([], { ...options, atEnd: false })) sent.push(one);
    }
    return sent;
  }

  /** What was committed, partition after partition: order within them is all that there is. */
  sentByPartition(): readonly OutgoingRecord[] {
    const place = ({ topic, partition }: OutgoingRecord): string => `${topic}/${partition}`;
    return [...this.sent].sort((one, other) => place(one).localeCompare(place(other)));
  }

  /** Processes a batch and then drops it, as a failed commit would; nothing of it may remain. */
  async feedInVain(records: readonly FedRecord[], options: FeedOptions = {}): Promise<void> {
    const ends = new Map(this.ends);
    await this.process(this.inputsOf(records), options);
    this.ends.clear();
    for (const [name, end] of ends) this.ends.set(name, end);
    this.state.rollback();
    this.watermarks.rollback();
    this.program = this.start();
  }

  /** Forgets everything in memory and goes on from the changelog, as after a crash. */
  revive(): void {
    this.state = new TaskState(this.topology.stores);
    for (const [key, bytes] of this.changelog) this.state.restore(key, bytes);
    this.watermarks = new WatermarkVector();
    this.watermarks.restore(this.savedWatermarks);
    this.program = this.start();
  }

  private start(): TaskProgram {
    const { topology, partition, state, watermarks } = this;
    return topology.start({
      stream: topology.stream,
      partition,
      task: `${topology.name}.${partition}`,
      state,
      watermarks,
      deadLetters: (_outbox, record, refusal) => {
        this.refusals.push({ ...refusal, record });
      },
      signal: this.stopping.signal,
    });
  }

  private inputsOf(records: readonly FedRecord[]): SourceBatch[] {
    const order = this.topology.sources.map(({ topic }) => topic);
    const inputs = new Map<string, LogRecord[]>();
    for (const fed of records) {
      const record = this.logRecord(fed);
      const name = `${record.topic}/${record.partition}`;
      const list = inputs.get(name);
      if (list === undefined) inputs.set(name, [record]);
      else list.push(record);
    }
    return [...inputs.values()]
      .flatMap((list) => {
        const [first] = list;
        return first === undefined ? [] : [this.sourceBatch(first, list)];
      })
      .sort((one, other) => order.indexOf(one.topic) - order.indexOf(other.topic));
  }

  private sourceBatch({ topic, partition }: LogRecord, records: LogRecord[]): SourceBatch {
    const next = offset(this.ends.get(`${topic}/${partition}`) ?? 0);
    return { topic, partition, records, next };
  }

  private logRecord({ topic, partition = this.partition, ...fed }: FedRecord): LogRecord {
    const name = `${topic}/${partition}`;
    const at = fed.offset ?? this.ends.get(name) ?? 0;
    this.ends.set(name, at + 1);
    const { key = null, value, headers = {}, appendedAtMs = 0 } = fed;
    const bytes = typeof key === 'string' ? Buffer.from(key) : key;
    return { topic, partition, offset: offset(at), appendedAtMs, key: bytes, value, headers };
  }

  private async process(
    inputs: readonly SourceBatch[],
    { nowMs = 0, atEnd = false }: FeedOptions,
  ): Promise<Outbox> {
    const batch = { content: { inputs, atEnd }, nowMs, outbox: outbox() };
    await lastValueFrom(of(batch).pipe(this.program.process));
    return batch.outbox;
  }

  private async run(
    inputs: readonly SourceBatch[],
    options: FeedOptions,
  ): Promise<OutgoingRecord[]> {
    const staged = await this.process(inputs, options);
    const records = staged.records.partitions.flatMap((packed) => [...unpacked(packed)]);
    this.state.visitTouched((prefix, key, bytes) => {
      const whole = `${prefix.toString()}${key}`;
      if (bytes === null) this.changelog.delete(whole);
      else this.changelog.set(whole, bytes.slice());
    });
    this.savedWatermarks = this.watermarks.toRecord();
    this.state.committed();
    this.watermarks.committed();
    this.sent.push(...records);
    this.commits.push(records.length);
    tellCounts(staged);
    return records;
  }
}
