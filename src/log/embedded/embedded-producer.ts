import { assert } from '../../core/assert.ts';
import { LogError } from '../errors.ts';
import type { Transaction, TransactionalProducer } from '../log.ts';
import { EmbeddedTransaction, type TransactionHost } from './embedded-transaction.ts';

/** One generation of a transactional id; the next generation fences it. */
export class EmbeddedProducer implements TransactionalProducer {
  private readonly id: string;
  private readonly host: TransactionHost;
  private readonly onClosed: () => void;
  private transaction: EmbeddedTransaction | undefined;
  private isFenced = false;

  constructor(id: string, host: TransactionHost, onClosed: () => void) {
    this.id = id;
    this.host = host;
    this.onClosed = onClosed;
  }

  async begin(): Promise<Transaction> {
    this.host.refuseClosed();
    if (this.isFenced) {
      throw new LogError('LOG_FENCED', `${this.id} was taken over by another producer`, {
        retriable: true,
      });
    }
    assert(this.transaction?.state !== 'open', `${this.id} already has an open transaction`);
    this.transaction = new EmbeddedTransaction(this.host, this.id);
    return this.transaction;
  }

  async close(): Promise<void> {
    this.fence();
    this.onClosed();
  }

  /** Settles the open transaction; every later call of this producer fails. */
  fence(): void {
    this.isFenced = true;
    if (this.transaction?.state === 'open') this.host.abort(this.transaction);
  }
}
