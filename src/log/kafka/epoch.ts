import type { Clock } from '../../core/clock.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { KafkaCluster } from './cluster.ts';
import type { Coordinator } from './coordinator.ts';

/** Who sends, as Kafka knows it. */
export interface Identity {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** After which its transactions are aborted. */
  readonly transactionTimeoutMs: number;
}

/** What a transaction needs of the producer that began it. */
export interface Epoch {
  readonly cluster: KafkaCluster;
  readonly clock: Clock;
  /** Of what it sends. */
  readonly memory: BatchMemory;
  readonly identity: Identity;
  /** Decides its transactions. */
  readonly coordinator: Coordinator;
  /** Keeps the positions of a group. */
  groupCoordinator(group: string): Coordinator;
  /** The next number in the sequence of each partition. */
  readonly sequences: Map<string, number>;
  refuseFailed(): void;
  /** Does what cannot be done twice: when it fails, the epoch is over. */
  attempt<T>(doing: string, run: () => Promise<T>): Promise<T>;
}
