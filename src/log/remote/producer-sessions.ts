import { LogError } from '../errors.ts';
import type { Log, Transaction, TransactionalProducer } from '../log.ts';

/** A producer that a client opened, and what it has begun. */
interface Session {
  readonly id: string;
  readonly producer: TransactionalProducer;
  transaction: Transaction | undefined;
  expiry: NodeJS.Timeout | undefined;
  hasExpired: boolean;
}

/** Producers of all clients; a client that died without closing leaves one behind. */
const SESSIONS_MAX = 256;

/** As long as Kafka's transactions of ours last: then readers are held back no longer. */
const TRANSACTION_IDLE_MS = 10_000;

/** The producers of clients, none of which can hold the log back by going away. */
export class ProducerSessions {
  private readonly log: Log;
  private readonly transactionIdleMs: number;
  /** The one that was used last is last. */
  private readonly sessions = new Map<number, Session>();
  private lastNumber = 0;

  constructor(log: Log, transactionIdleMs = TRANSACTION_IDLE_MS) {
    this.log = log;
    this.transactionIdleMs = transactionIdleMs;
  }

  async open(id: string): Promise<number> {
    await this.makeRoom();
    const producer = await this.log.producer(id);
    this.lastNumber += 1;
    this.sessions.set(this.lastNumber, {
      id,
      producer,
      transaction: undefined,
      expiry: undefined,
      hasExpired: false,
    });
    return this.lastNumber;
  }

  async close(number: number): Promise<void> {
    const session = this.sessions.get(number);
    if (session === undefined) return;
    clearTimeout(session.expiry);
    this.sessions.delete(number);
    await session.producer.close();
  }

  async closeAll(): Promise<void> {
    for (const number of [...this.sessions.keys()]) await this.close(number);
  }

  async begin(number: number): Promise<void> {
    const session = this.touch(number);
    const { transaction: failed } = session;
    clearTimeout(session.expiry);
    session.transaction = undefined;
    session.hasExpired = false;
    // Its client heard that something within it was refused, and goes on with the next.
    await failed?.abort();
    session.transaction = await session.producer.begin();
    this.expectSoon(session);
  }

  /** Something within the open transaction, which then has its time anew. */
  async within<T>(number: number, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const session = this.touch(number);
    const transaction = this.openOf(session);
    clearTimeout(session.expiry);
    try {
      return await work(transaction);
    } finally {
      this.expectSoon(session);
    }
  }

  /** The commit or abort of the open transaction. */
  async settle(number: number, work: (transaction: Transaction) => Promise<void>): Promise<void> {
    const session = this.touch(number);
    const transaction = this.openOf(session);
    clearTimeout(session.expiry);
    session.transaction = undefined;
    await work(transaction);
  }

  private touch(number: number): Session {
    const session = this.sessions.get(number);
    if (session === undefined) {
      throw new LogError('LOG_FENCED', 'the producer was closed: open it again', {
        retriable: true,
      });
    }
    this.sessions.delete(number);
    this.sessions.set(number, session);
    return session;
  }

  private openOf({ id, transaction, hasExpired }: Session): Transaction {
    if (transaction !== undefined) return transaction;
    const why = hasExpired
      ? `was aborted, since nothing came for ${this.transactionIdleMs} ms`
      : 'is over';
    throw new LogError('LOG_FENCED', `the transaction of ${id} ${why}`, { retriable: true });
  }

  private expectSoon(session: Session): void {
    if (session.transaction === undefined) return;
    clearTimeout(session.expiry);
    session.expiry = setTimeout(() => {
      const { transaction } = session;
      session.transaction = undefined;
      session.hasExpired = true;
      // Fenced meanwhile, or the log is closed: then it is settled already.
      transaction?.abort().catch(() => session.hasExpired);
    }, this.transactionIdleMs);
    session.expiry.unref();
  }

  /** Closes the producer that was idle longest when there are too many. */
  private async makeRoom(): Promise<void> {
    if (this.sessions.size < SESSIONS_MAX) return;
    for (const [number, { transaction }] of this.sessions) {
      if (transaction === undefined) return this.close(number);
    }
    throw new LogError(
      'LOG_UNREACHABLE',
      `${SESSIONS_MAX} commands are writing at once: try again when some have ended`,
      { retriable: true },
    );
  }
}
