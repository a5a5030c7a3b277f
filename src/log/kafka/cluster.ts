import { setTimeout as wait } from 'node:timers/promises';
import kafkajsManifest from 'kafkajs/package.json' with { type: 'json' };
import Cluster, { type Broker } from 'kafkajs/src/cluster/index.js';
import loggers from 'kafkajs/src/loggers/index.js';
import { assert } from '../../core/assert.ts';
import { messageOf } from '../../core/errors.ts';
import { LogError } from '../errors.ts';
import {
  connectionProblem,
  type ConnectionKind,
  type ConnectionProblem,
} from './connection-problem.ts';
import { errorOf, logErrorOf } from './kafka-error.ts';
import { readAnswersWhole } from './whole-answers.ts';
import { keepOneSocket } from './one-socket.ts';
import { promptSockets } from './prompt-sockets.ts';
import { guardTimers } from './timer-guard.ts';

/** What is used beneath its public clients holds for this version alone. */
const KAFKAJS = '2.2.4';

/** Who the brokers are to believe that this is. */
export interface SaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface ClusterOptions {
  /** Brokers to begin with, each `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** `true`, or what Node's `tls.connect` is given. */
  readonly ssl?: unknown;
  readonly sasl?: SaslOptions | undefined;
}

const CONNECT_MS = 3_000;
/** Longer than any broker takes that is well; who joins a group waits by a limit of its own. */
const REQUEST_MS = 15_000;
const METADATA_AGE_MS = 60_000;
/** For finding coordinators and brokers; requests themselves are never repeated by the library. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, retries: 8 };

/** What is asked of a partition without one is refused so by brokers too. */
const LEADER_NOT_AVAILABLE = 5;
const NOBODY = -1;
const UNREACHABLE = 'LOG_UNREACHABLE';

keepOneSocket();
readAnswersWhole();

/** Leaders of a topic's partitions, by partition; below 0: nobody at present. */
export type Leaders = readonly number[];

/** Connections to the brokers, and which of them leads which partition. */
export class KafkaCluster {
  private readonly cluster: Cluster;
  private topicLeaders: ReadonlyMap<string, Leaders> = new Map();
  private topicReplicas: ReadonlyMap<string, number> = new Map();
  private readonly kind: ConnectionKind;
  private readonly brokerCount: number;
  /** The library looks at it whenever it begins to try. */
  private readonly retry = { ...RETRY, retries: 0 };
  private isClosed = false;

  constructor({ brokers, clientId, ssl, sasl }: ClusterOptions) {
    const { version } = kafkajsManifest;
    assert(version === KAFKAJS, `kafkajs ${version} is not ${KAFKAJS}, which this was made for`);
    guardTimers();
    this.kind = { hasTls: ssl !== undefined, user: sasl?.username, mechanism: sasl?.mechanism };
    this.brokerCount = brokers.length;
    this.cluster = new Cluster({
      logger: loggers.createLogger({ level: 0, logCreator: () => () => undefined }),
      socketFactory: promptSockets(),
      brokers,
      ...(ssl === undefined ? {} : { ssl }),
      // The library writes into it.
      ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
      clientId,
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      enforceRequestTimeout: true,
      metadataMaxAge: METADATA_AGE_MS,
      allowAutoTopicCreation: false,
      maxInFlightRequests: null,
      retry: this.retry,
    });
  }

  /** Tries for seconds, unless what is wrong will not pass. */
  async connect(): Promise<void> {
    for (let tries = 1, pauseMs = RETRY.initialRetryTime; ; tries += 1, pauseMs *= 2) {
      try {
        await this.cluster.connect();
        break;
      } catch (error) {
        const failure = unreachable(error, this.kind);
        // Each of them may be asked in turn, by the library's own choice.
        const isFinal = failure.code !== UNREACHABLE && tries >= this.brokerCount;
        if (isFinal || tries > RETRY.retries) throw failure;
      }
      await wait(Math.min(pauseMs, RETRY.maxRetryTime));
    }
    this.retry.retries = RETRY.retries;
    try {
      await this.refresh();
    } catch (error) {
      throw unreachable(error instanceof LogError ? error.cause : error, this.kind);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.cluster.disconnect();
  }

  refuseClosed(): void {
    if (this.isClosed) throw new LogError('LOG_CLOSED', 'the log was closed');
  }

  /** Asks anew who leads what. */
  async refresh(): Promise<void> {
    await this.reached('topics cannot be listed', async () => this.cluster.refreshMetadata());
    // Maybe meanwhile.
    this.refuseClosed();
    const { metadata } = this.cluster.brokerPool;
    assert(metadata !== null, 'there is what was just fetched');
    const topics = metadata.topicMetadata.filter(
      ({ isInternal, partitionMetadata }) => !isInternal && partitionMetadata.length > 0,
    );
    this.topicReplicas = new Map(
      topics.map(({ topic, partitionMetadata }) => [
        topic,
        Math.min(...partitionMetadata.map(({ replicas }) => replicas.length)),
      ]),
    );
    this.topicLeaders = new Map(
      topics.map(({ topic, partitionMetadata }) => {
        const leaders: number[] = [];
        for (const { partitionId, leader } of partitionMetadata) leaders[partitionId] = leader;
        return [topic, leaders];
      }),
    );
  }

  /** Topics that are known, Kafka's own left out. */
  get topics(): ReadonlyMap<string, Leaders> {
    return this.topicLeaders;
  }

  /** On how many brokers every partition of a topic lies at least. */
  replicasOf(topic: string): number {
    return this.topicReplicas.get(topic) ?? 0;
  }

  refuseUnknown(topic: string, partition: number): void {
    if (this.topicLeaders.get(topic)?.[partition] !== undefined) return;
    const message = `there is no ${topic}/${partition}; create the topic`;
    throw new LogError('LOG_UNKNOWN_TOPIC', message);
  }

  /** The node that leads a partition. */
  leaderOf(topic: string, partition: number): number {
    this.refuseUnknown(topic, partition);
    const leader = this.topicLeaders.get(topic)?.[partition] ?? NOBODY;
    if (leader >= 0) return leader;
    throw logErrorOf(errorOf(LEADER_NOT_AVAILABLE), `nobody leads ${topic}/${partition}`);
  }

  async broker(nodeId: number): Promise<Broker> {
    return this.reached(`broker ${nodeId} cannot be reached`, async () =>
      this.cluster.findBroker({ nodeId }),
    );
  }

  async controller(): Promise<Broker> {
    return this.reached('the controller cannot be reached', async () =>
      this.cluster.findControllerBroker(),
    );
  }

  /** Who keeps the positions and the members of a group. */
  async groupCoordinator(groupId: string): Promise<Broker> {
    return this.reached(`the coordinator of group ${groupId} cannot be found`, async () =>
      this.cluster.findGroupCoordinator({ groupId }),
    );
  }

  /** Who decides the transactions of an id. */
  async transactionCoordinator(transactionalId: string): Promise<Broker> {
    return this.reached(`the coordinator of ${transactionalId} cannot be found`, async () =>
      this.cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: 1 }),
    );
  }

  /** A password or a certificate that was good may no longer be. */
  private async reached<T>(doing: string, reach: () => Promise<T>): Promise<T> {
    this.refuseClosed();
    try {
      return await reach();
    } catch (error) {
      const problem = connectionProblem(error, this.kind);
      if (problem === undefined || problem.code === UNREACHABLE) throw logErrorOf(error, doing);
      throw withAdvice(doing, error, problem);
    }
  }
}

const withAdvice = (
  doing: string,
  error: unknown,
  { code, advice }: ConnectionProblem,
): LogError => {
  const message = `${doing}: ${messageOf(error)}${advice === '' ? '' : `; ${advice}`}`;
  return new LogError(code, message, { cause: error, retriable: true });
};

const unreachable = (error: unknown, kind: ConnectionKind): LogError => {
  const problem = connectionProblem(error, kind) ?? { code: UNREACHABLE, advice: '' };
  return withAdvice('the brokers cannot be reached', error, problem);
};
