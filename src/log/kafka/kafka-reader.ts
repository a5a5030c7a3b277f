import { LogError } from '../errors.ts';
import type { LogReader, LogRecord, PartitionOffsets, Polled, PollLimits } from '../log.ts';
import { after, type Offset } from '../offset.ts';
import { committedRecords } from './committed-records.ts';
import type { KafkaCluster } from './cluster.ts';
import type { FetchAnswer } from './fetch-protocol.ts';
import { asLogError, errorOf, kafkaTypeOf } from './kafka-error.ts';
import { followingLeaders } from './leader-moves.ts';
import { fetchNow } from './requests.ts';
import type { TailReader, Tails } from './tails.ts';

const FETCH_BYTES_MIN = 64 << 10;
const FETCH_BYTES_MAX = 4 << 20;

const sizeOf = ({ key, value }: LogRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

/** What a reader needs of its log. */
export interface ReaderParts {
  readonly cluster: KafkaCluster;
  readonly tails: Tails;
  offsets(topic: string, partition: number): Promise<PartitionOffsets>;
}

/** Committed records of one partition, from wherever it is told to. */
export class KafkaReader implements LogReader, TailReader {
  readonly topic: string;
  readonly partition: number;
  private readonly parts: ReaderParts;
  private readonly cluster: KafkaCluster;
  /** Fetched and not yet taken, and where the first of them lies. */
  private buffered: readonly LogRecord[] = [];
  private taken = 0;
  /** Everything before it is buffered, taken or none of a committed read. */
  private covered: Offset;
  private isClosed = false;

  constructor(
    parts: ReaderParts,
    { topic, partition, from }: { topic: string; partition: number; from: Offset },
  ) {
    this.parts = parts;
    this.cluster = parts.cluster;
    this.topic = topic;
    this.partition = partition;
    this.covered = from;
  }

  /** Where the next fetch begins. */
  get position(): Offset {
    return this.covered;
  }

  get hasRecords(): boolean {
    return this.taken < this.buffered.length;
  }

  async poll({ maxRecords, maxBytes }: PollLimits): Promise<Polled> {
    this.refuseClosed();
    if (!this.hasRecords && !this.parts.tails.isWatching(this)) {
      const bytes = Math.min(FETCH_BYTES_MAX, Math.max(FETCH_BYTES_MIN, maxBytes));
      await this.fetch(bytes);
    }
    return this.take(maxRecords, maxBytes);
  }

  async more(signal: AbortSignal): Promise<void> {
    if (!this.hasRecords && !this.isClosed) await this.parts.tails.wait(this, signal);
  }

  seek(next: Offset): void {
    this.forget();
    this.covered = next;
  }

  close(): void {
    this.isClosed = true;
    this.forget();
  }

  /** Takes what was fetched from its position; true: something is there to be polled. */
  accept(answer: FetchAnswer, from: Offset): boolean {
    if (this.isClosed || this.hasRecords || from !== this.covered) return true;
    // What is wrong is found out by who polls.
    if (answer.errorCode !== 0) return true;
    const { records, next } = committedRecords(answer, from);
    this.buffered = records;
    this.taken = 0;
    this.covered = next;
    return records.length > 0;
  }

  private async fetch(maxBytes: number): Promise<void> {
    const { topic, partition, cluster } = this;
    const from = this.covered;
    await asLogError(`${topic}/${partition} cannot be read`, async () =>
      followingLeaders(cluster, async () => {
        const broker = await cluster.broker(cluster.leaderOf(topic, partition));
        const request = { positions: [{ topic, partition, from }], maxBytes };
        const [answer] = await fetchNow(broker, request);
        if (answer === undefined) return;
        if (answer.errorCode !== 0) throw await this.refusal(errorOf(answer.errorCode), from);
        this.accept(answer, from);
      }),
    );
  }

  /** Kafka itself does not say what there is instead of what was asked for. */
  private async refusal(error: Error, from: Offset): Promise<Error> {
    if (kafkaTypeOf(error) !== 'OFFSET_OUT_OF_RANGE') return error;
    const { topic, partition } = this;
    const { start, end } = await this.parts.offsets(topic, partition);
    const message = `${topic}/${partition} has offsets ${start} to ${end}, not ${from}`;
    return new LogError('LOG_OFFSET_OUT_OF_RANGE', message, { cause: error });
  }

  private take(maxRecords: number, maxBytes: number): Polled {
    const { buffered, taken } = this;
    let end = taken;
    let bytes = 0;
    while (end < buffered.length && end - taken < maxRecords) {
      const record = buffered[end];
      bytes += record === undefined ? 0 : sizeOf(record);
      if (end > taken && bytes > maxBytes) break;
      end += 1;
    }
    const records = buffered.slice(taken, end);
    this.taken = end;
    const last = records.at(-1);
    const isWhole = end === buffered.length || last === undefined;
    if (!this.hasRecords) this.forget();
    return { records, next: isWhole ? this.covered : after(last.offset) };
  }

  /** Records lie in the answer that they came in: a single one would hold megabytes. */
  private forget(): void {
    this.buffered = [];
    this.taken = 0;
  }

  private refuseClosed(): void {
    this.cluster.refuseClosed();
    if (this.isClosed) throw new LogError('LOG_CLOSED', 'the reader was closed');
  }
}
