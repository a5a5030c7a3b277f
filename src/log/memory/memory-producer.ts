import { assert } from '../../core/assert.ts';
import { LogError } from '../errors.ts';
import type { GroupOffset, Transaction, TransactionalProducer } from '../log.ts';
import type { FaultPoint, LogCall } from './faults.ts';
import type { MemoryPartition } from './memory-partition.ts';
import { MemoryTransaction } from './memory-transaction.ts';

export interface MemoryProducerHost {
  partition(topic: string, partition: number): MemoryPartition;
  now(): number;
  fault(point: Omit<FaultPoint, 'timeOut'>, timeOut: () => void): void;
  visible(offsets: readonly GroupOffset[]): void;
}

/** One generation of a transactional id; the next generation fences it. */
export class MemoryProducer implements TransactionalProducer {
  private readonly id: string;
  private readonly host: MemoryProducerHost;
  private transaction: MemoryTransaction | undefined;
  private isFenced = false;

  constructor(id: string, host: MemoryProducerHost) {
    this.id = id;
    this.host = host;
  }

  async begin(): Promise<Transaction> {
    this.fault('begin', 'before');
    this.refuseFenced();
    assert(this.transaction?.state !== 'open', `${this.id} already has an open transaction`);
    const { host } = this;
    this.transaction = new MemoryTransaction({
      id: this.id,
      partition: (topic, partition) => host.partition(topic, partition),
      now: () => host.now(),
      visible: (offsets) => {
        host.visible(offsets);
      },
      refuseFenced: () => {
        this.refuseFenced();
      },
      fence: () => {
        this.isFenced = true;
      },
      fault: (call, moment, timeOut) => {
        host.fault({ call, moment, subject: this.id }, timeOut);
      },
    });
    this.fault('begin', 'after');
    return this.transaction;
  }

  async close(): Promise<void> {
    this.fault('close', 'before');
    this.fence();
    this.fault('close', 'after');
  }

  /** Settles the open transaction; every later call of this producer fails. */
  fence(): void {
    this.isFenced = true;
    if (this.transaction?.state === 'open') this.transaction.settle('aborted');
  }

  private fault(call: LogCall, moment: FaultPoint['moment']): void {
    this.host.fault({ call, moment, subject: this.id }, () => {
      this.fence();
    });
  }

  private refuseFenced(): void {
    if (!this.isFenced) return;
    throw new LogError(
      'LOG_FENCED',
      `${this.id} was taken over by another producer, or its transaction timed out`,
      { retriable: true },
    );
  }
}
