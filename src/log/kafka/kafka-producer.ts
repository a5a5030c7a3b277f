import type { Broker } from 'kafkajs/src/cluster/index.js';
import type { Clock } from '../../core/clock.ts';
import { LogError } from '../errors.ts';
import type { Transaction, TransactionalProducer } from '../log.ts';
import type { KafkaCluster } from './cluster.ts';
import type { Epoch, Identity } from './epoch.ts';
import { asLogError, logErrorOf } from './kafka-error.ts';
import { KafkaTransaction } from './kafka-transaction.ts';
import { patiently } from './patience.ts';

/** The predecessor's transaction is aborted meanwhile. */
const OPEN_MS = 20_000;

export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
}

/**
 * One epoch of a transactional id. After any failure it is of no more use: what became of its
 * transaction is for the next epoch to find out.
 */
export class KafkaProducer implements TransactionalProducer, Epoch {
  readonly cluster: KafkaCluster;
  readonly clock: Clock;
  readonly identity: Identity;
  /** Decides its transactions. */
  readonly coordinator: Broker;
  /** The next number in the sequence of each partition. */
  readonly sequences = new Map<string, number>();
  private failure: LogError | undefined;
  private open: KafkaTransaction | undefined;

  private constructor(
    { cluster, clock }: { readonly cluster: KafkaCluster; readonly clock: Clock },
    identity: Identity,
    coordinator: Broker,
  ) {
    this.cluster = cluster;
    this.clock = clock;
    this.identity = identity;
    this.coordinator = coordinator;
  }

  /**
   * Settles the transaction of the epoch before, and fences it. What a crash leaves open holds
   * readers' stable end back for the time-out and half as much again.
   */
  static async open(
    parts: { readonly cluster: KafkaCluster; readonly clock: Clock },
    { transactionalId, transactionTimeoutMs }: ProducerIdentity,
  ): Promise<KafkaProducer> {
    return asLogError(`no producer ${transactionalId}`, async () =>
      patiently(OPEN_MS, async () => {
        // A leader that moved may be why the epoch before is over.
        await parts.cluster.refresh();
        const coordinator = await parts.cluster.transactionCoordinator(transactionalId);
        const { producerId, producerEpoch } = await coordinator.initProducerId({
          transactionalId,
          transactionTimeout: transactionTimeoutMs,
        });
        const identity = { transactionalId, producerId: Number(producerId), producerEpoch };
        return new KafkaProducer(parts, identity, coordinator);
      }),
    );
  }

  async begin(): Promise<Transaction> {
    this.refuseFailed();
    this.open = new KafkaTransaction(this);
    return this.open;
  }

  async close(): Promise<void> {
    const { open, failure } = this;
    this.fail(new LogError('LOG_CLOSED', 'the producer was closed'));
    if (failure === undefined) await open?.abandon();
  }

  refuseFailed(): void {
    this.cluster.refuseClosed();
    if (this.failure !== undefined) throw this.failure;
  }

  /** Does what cannot be done twice: when it fails, the producer does no more. */
  async attempt<T>(doing: string, run: () => Promise<T>): Promise<T> {
    this.refuseFailed();
    try {
      return await run();
    } catch (error) {
      throw this.fail(logErrorOf(error, doing));
    }
  }

  private fail(failure: LogError): LogError {
    this.failure ??= failure;
    return failure;
  }
}
