import { LogError } from '../errors.ts';
import type { Headers, LogRecord, OutgoingRecord, PartitionOffsets } from '../log.ts';
import { FIRST_OFFSET, offset, type Offset } from '../offset.ts';
import { Waiters } from '../waiters.ts';

/** Whose records a partition holds: all that it needs to know is how that ended. */
export interface Settlement {
  readonly state: 'open' | 'committed' | 'aborted';
}

interface Slot {
  readonly transaction: Settlement;
  /** undefined: a control marker, or a record that compaction took. */
  record: LogRecord | undefined;
}

const NO_HEADERS: Headers = {};

const copyOf = (bytes: Buffer | null): Buffer | null =>
  bytes === null ? null : Buffer.from(bytes);

/** One partition: a slot for each offset, control markers included, as on Kafka. */
export class MemoryPartition {
  readonly topic: string;
  readonly partition: number;
  private slots: Slot[] = [];
  private start: Offset = FIRST_OFFSET;
  /** Open transactions, with the first offset that each has here. */
  private readonly open = new Map<Settlement, Offset>();
  readonly waiters = new Waiters();

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get end(): Offset {
    return offset(this.start + this.slots.length);
  }

  private get undecidedFrom(): Offset {
    let least = this.end;
    for (const first of this.open.values()) if (first < least) least = first;
    return least;
  }

  get offsets(): PartitionOffsets {
    return { start: this.start, stableEnd: this.undecidedFrom, end: this.end };
  }

  append(transaction: Settlement, record: OutgoingRecord, appendedAtMs: number): Offset {
    const at = this.end;
    if (!this.open.has(transaction)) this.open.set(transaction, at);
    this.slots.push({
      transaction,
      record: {
        topic: this.topic,
        partition: this.partition,
        offset: at,
        appendedAtMs,
        key: copyOf(record.key),
        value: copyOf(record.value),
        headers: record.headers === undefined ? NO_HEADERS : { ...record.headers },
      },
    });
    return at;
  }

  /** The transaction is decided: a control marker takes one offset, whatever the outcome. */
  settle(transaction: Settlement): void {
    this.slots.push({ transaction, record: undefined });
    this.open.delete(transaction);
    this.waiters.wake();
  }

  /** The committed record at an offset, if there is one. */
  at(position: number): LogRecord | undefined {
    const slot = this.slots[position - this.start];
    return slot?.transaction.state === 'committed' ? slot.record : undefined;
  }

  *committed(): Iterable<LogRecord> {
    for (let position: number = this.start; position < this.end; position += 1) {
      const record = this.at(position);
      if (record !== undefined) yield record;
    }
  }

  refuseOutOfRange(position: Offset): void {
    if (position >= this.start && position <= this.end) return;
    throw new LogError(
      'LOG_OFFSET_OUT_OF_RANGE',
      `${this.topic}/${this.partition} has offsets ${this.start} to ${this.end}, not ${position}`,
    );
  }

  /** Drops everything before an offset, as retention would. */
  trim(to: Offset): void {
    const start = Math.min(Math.max(to, this.start), this.undecidedFrom);
    this.slots = this.slots.slice(start - this.start);
    this.start = offset(start);
  }

  /** Keeps the last committed record of each key, and those without one. */
  compact(): void {
    const last = new Map<string, Offset>();
    const keyOf = ({ key }: LogRecord): string => (key ?? Buffer.alloc(0)).toString('latin1');
    for (const record of this.committed()) last.set(keyOf(record), record.offset);
    for (const slot of this.slots) {
      const { record, transaction } = slot;
      if (record === undefined || transaction.state !== 'committed') continue;
      const isLast = record.key === null || last.get(keyOf(record)) === record.offset;
      if (!isLast) slot.record = undefined;
    }
  }
}
