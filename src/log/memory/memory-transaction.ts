import { assert } from '../../core/assert.ts';
import { LogError } from '../errors.ts';
import type {
  Acknowledgement,
  GroupOffset,
  OutgoingRecord,
  PackedRecords,
  Transaction,
} from '../log.ts';
import { offset } from '../offset.ts';
import { unpacked } from '../packed-reader.ts';
import { recordBytes, refuseTooLarge } from '../record-size.ts';
import type { FaultPoint, LogCall } from './faults.ts';
import type { MemoryPartition } from './memory-partition.ts';

/** What a transaction needs of the log that it belongs to. */
export interface MemoryTransactionHost {
  readonly id: string;
  partition(topic: string, partition: number): MemoryPartition;
  now(): number;
  /** Throws when a later producer has taken this one's id. */
  refuseFenced(): void;
  fence(): void;
  fault(call: LogCall, moment: FaultPoint['moment'], timeOut: () => void): void;
  visible(offsets: readonly GroupOffset[]): void;
}

interface Span {
  readonly partition: MemoryPartition;
  base: number;
  count: number;
}

/** One transaction: its records take offsets at once and become visible at the commit. */
export class MemoryTransaction implements Transaction {
  state: 'open' | 'committed' | 'aborted' = 'open';
  private readonly host: MemoryTransactionHost;
  private readonly touched = new Set<MemoryPartition>();
  private readonly groupOffsets: GroupOffset[] = [];

  constructor(host: MemoryTransactionHost) {
    this.host = host;
  }

  async send(records: readonly OutgoingRecord[]): Promise<readonly Acknowledgement[]> {
    return this.guarded('send', () => this.append(records));
  }

  async sendPacked({ partitions }: PackedRecords): Promise<readonly Acknowledgement[]> {
    return this.guarded('send', () =>
      this.append(partitions.flatMap((packed) => [...unpacked(packed)])),
    );
  }

  async commitOffsets(offsets: readonly GroupOffset[]): Promise<void> {
    this.guarded('commitOffsets', () => this.groupOffsets.push(...offsets));
  }

  async commit(): Promise<void> {
    this.guarded('commit', () => {
      this.settle('committed');
      this.host.visible(this.groupOffsets);
    });
  }

  async abort(): Promise<void> {
    this.guarded('abort', () => {
      this.settle('aborted');
    });
  }

  /** Decides the transaction; it has to be open. */
  settle(state: 'committed' | 'aborted'): void {
    assert(this.state === 'open', `the transaction of ${this.host.id} is ${this.state}`);
    this.state = state;
    for (const partition of this.touched) partition.settle(this);
  }

  append(records: readonly OutgoingRecord[]): readonly Acknowledgement[] {
    const targets = records.map((record) => {
      refuseTooLarge(record, recordBytes(record));
      return this.host.partition(record.topic, record.partition);
    });
    const spans = new Map<MemoryPartition, Span>();
    const nowMs = this.host.now();
    for (const [index, record] of records.entries()) {
      const partition = targets[index];
      assert(partition !== undefined, 'a record has no target');
      const at = partition.append(this, record, nowMs);
      this.touched.add(partition);
      const span = spans.get(partition);
      if (span === undefined) spans.set(partition, { partition, base: at, count: 1 });
      else span.count += 1;
    }
    return [...spans.values()].map(({ partition, base, count }) => ({
      topic: partition.topic,
      partition: partition.partition,
      baseOffset: offset(base),
      count,
    }));
  }

  private guarded<T>(call: LogCall, run: () => T): T {
    const timeOut = (): void => {
      if (this.state === 'open') this.settle('aborted');
      this.host.fence();
    };
    this.host.fault(call, 'before', timeOut);
    this.host.refuseFenced();
    if (this.state !== 'open') {
      throw new LogError('LOG_FENCED', `the transaction of ${this.host.id} is ${this.state}`, {
        retriable: true,
      });
    }
    const result = run();
    this.host.fault(call, 'after', timeOut);
    return result;
  }
}
