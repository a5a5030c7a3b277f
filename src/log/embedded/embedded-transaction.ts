import { LogError } from '../errors.ts';
import type { Acknowledgement, GroupOffset, OutgoingRecord, Transaction } from '../log.ts';
import { offset } from '../offset.ts';
import type { Partition, TransactionNumber } from './partition.ts';
import type { StagedFrame } from './staging.ts';

/** What transactions and producers need of their log. */
export interface TransactionHost {
  refuseClosed(): void;
  stage(records: readonly OutgoingRecord[]): Iterable<StagedFrame>;
  commit(transaction: EmbeddedTransaction): void;
  abort(transaction: EmbeddedTransaction): void;
  nextNumber(): number;
}

const acknowledge = (
  acknowledged: Map<Partition, { base: number; count: number }>,
  { partition, frame }: StagedFrame,
): void => {
  const known = acknowledged.get(partition);
  if (known === undefined) acknowledged.set(partition, { base: frame.base, count: frame.count });
  else known.count += frame.count;
};

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
    this.refuseSettled();
    const acknowledged = new Map<Partition, { base: number; count: number }>();
    for (const staged of this.host.stage(records)) {
      staged.partition.reserve(this, staged.frame);
      this.touched.add(staged.partition);
      acknowledge(acknowledged, staged);
    }
    return [...acknowledged].map(([{ settings }, { base, count }]) => ({
      topic: settings.topic,
      partition: settings.partition,
      baseOffset: offset(base),
      count,
    }));
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
