import type { Clock } from '../../core/clock.ts';
import { LogError } from '../errors.ts';
import type { Transaction, TransactionalProducer } from '../log.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { KafkaCluster } from './cluster.ts';
import { Coordinator } from './coordinator.ts';
import type { Epoch, Identity } from './epoch.ts';
import { asLogError, logErrorOf } from './kafka-error.ts';
import { KafkaTransaction } from './kafka-transaction.ts';

/** The predecessor's transaction is aborted meanwhile. */
const OPEN_MS = 20_000;

export interface ProducerParts {
  readonly cluster: KafkaCluster;
  readonly clock: Clock;
  /** Shared by all producers. */
  readonly memory: BatchMemory;
}

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
  readonly memory: BatchMemory;
  readonly identity: Identity;
  /** Decides its transactions. */
  readonly coordinator: Coordinator;
  /** The next number in the sequence of each partition. */
  readonly sequences = new Map<string, number>();
  private readonly groups = new Map<string, Coordinator>();
  private failure: Error | undefined;
  private open: KafkaTransaction | undefined;

  private constructor(
    { cluster, clock, memory }: ProducerParts,
    identity: Identity,
    coordinator: Coordinator,
  ) {
    this.cluster = cluster;
    this.clock = clock;
    this.memory = memory;
    this.identity = identity;
    this.coordinator = coordinator;
  }

  /**
   * Settles the transaction of the epoch before, and fences it. What a crash leaves open holds
   * readers' stable end back for the time-out and half as much again.
   */
  static async open(
    parts: ProducerParts,
    { transactionalId, transactionTimeoutMs }: ProducerIdentity,
  ): Promise<KafkaProducer> {
    const { cluster } = parts;
    const coordinator = new Coordinator(async () =>
      cluster.transactionCoordinator(transactionalId),
    );
    return asLogError(`no producer ${transactionalId}`, async () => {
      // A leader that moved may be why the epoch before is over.
      await cluster.refresh();
      const { producerId, producerEpoch } = await coordinator.ask(OPEN_MS, async (broker) =>
        broker.initProducerId({ transactionalId, transactionTimeout: transactionTimeoutMs }),
      );
      const named = { transactionalId, transactionTimeoutMs };
      const identity = { ...named, producerId: Number(producerId), producerEpoch };
      return new KafkaProducer(parts, identity, coordinator);
    });
  }

  groupCoordinator(group: string): Coordinator {
    const known = this.groups.get(group);
    if (known !== undefined) return known;
    const made = new Coordinator(async () => this.cluster.groupCoordinator(group));
    this.groups.set(group, made);
    return made;
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

  private fail(failure: Error): Error {
    this.failure ??= failure;
    return failure;
  }
}
