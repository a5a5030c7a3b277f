import { LogError } from '../errors.ts';
import type {
  Acknowledgement,
  GroupOffset,
  OutgoingRecord,
  PackedPartition,
  PackedRecords,
  Transaction,
} from '../log.ts';
import { offset } from '../offset.ts';
import { RecordPacker } from '../record-packer.ts';
import { frameOf } from './frame.ts';
import type { Partition, TransactionNumber } from './partition.ts';

/** What transactions and producers need of their log. */
export interface TransactionHost {
  refuseClosed(): void;
  partition(topic: string, partition: number): Partition;
  now(): number;
  commit(transaction: EmbeddedTransaction): void;
  abort(transaction: EmbeddedTransaction): void;
  nextNumber(): number;
}

/** One transaction: its offsets are given at the send, its bytes are written at the commit. */
export class EmbeddedTransaction implements Transaction, TransactionNumber {
  readonly number: number;
  readonly id: string;
  state: 'open' | 'committed' | 'aborted' = 'open';
  readonly touched = new Set<Partition>();
  readonly groupOffsets: GroupOffset[] = [];
  private readonly host: TransactionHost;

  constructor(host: TransactionHost, id: string) {
    this.host = host;
    this.id = id;
    this.number = host.nextNumber();
  }

  async send(records: readonly OutgoingRecord[]): Promise<readonly Acknowledgement[]> {
    const packed = new RecordPacker();
    for (const record of records) packed.add(record);
    return this.sendPacked(packed);
  }

  /** Nothing is given an offset before all partitions are found to be there. */
  async sendPacked({ partitions }: PackedRecords): Promise<readonly Acknowledgement[]> {
    this.refuseSettled();
    const found = partitions.map(({ topic, partition }) => this.host.partition(topic, partition));
    const appendedAtMs = this.host.now();
    return partitions.map((packed, index) => {
      // There is one for each.
      const partition = found[index] as Partition;
      return this.reserve(partition, packed, appendedAtMs);
    });
  }

  async commitOffsets(offsets: readonly GroupOffset[]): Promise<void> {
    this.refuseSettled();
    this.groupOffsets.push(...offsets);
  }

  async commit(): Promise<void> {
    this.refuseSettled();
    this.host.commit(this);
  }

  async abort(): Promise<void> {
    this.refuseSettled();
    this.host.abort(this);
  }

  private reserve(
    partition: Partition,
    packed: PackedPartition,
    appendedAtMs: number,
  ): Acknowledgement {
    const { topic, count } = packed;
    const baseOffset = offset(partition.end);
    for (const chunk of packed.chunks()) {
      partition.reserve(this, frameOf(chunk, partition.end, appendedAtMs));
    }
    this.touched.add(partition);
    return { topic, partition: packed.partition, baseOffset, count };
  }

  private refuseSettled(): void {
    this.host.refuseClosed();
    if (this.state === 'open') return;
    throw new LogError(
      'LOG_FENCED',
      `the transaction of ${this.id} is ${this.state}: another producer took the id over, or it ` +
        'was used after its end',
      { retriable: true },
    );
  }
}
