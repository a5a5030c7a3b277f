// What of kafkajs 2.2.4 is used beneath its public clients; cluster.ts refuses any other version.

declare module 'kafkajs/package.json' {
  const manifest: { readonly version: string };
  export default manifest;
}

declare module 'kafkajs/src/protocol/encoder.js' {
  /** A growing buffer. */
  class Encoder {
    constructor(initialSize?: number);
    readonly buffer: Buffer;
    writeBufferInternal(bytes: Buffer): void;
    writeInt8(value: number): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeString(text: string): this;
    writeBytes(bytes: Buffer): this;
    writeBoolean(value: boolean): this;
  }
  export default Encoder;
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: { createErrorFromCode(code: number): Error };
  export default errors;
}

declare module 'kafkajs/src/consumer/assignerProtocol.js' {
  interface Metadata {
    readonly version: number;
    readonly topics: readonly string[];
    readonly userData: Buffer;
  }
  interface Assignment {
    readonly version: number;
    readonly assignment: Readonly<Record<string, readonly number[]>>;
    readonly userData: Buffer;
  }
  const protocol: {
    readonly MemberMetadata: {
      encode(metadata: Metadata): Buffer;
      decode(bytes: Buffer): Metadata;
    };
    readonly MemberAssignment: {
      encode(assignment: Assignment): Buffer;
      decode(bytes: Buffer): Assignment | null;
    };
  };
  export default protocol;
}

declare module 'kafkajs/src/loggers/index.js' {
  const loggers: {
    createLogger(options: {
      readonly level: number;
      readonly logCreator: () => (entry: unknown) => void;
    }): import('kafkajs').Logger;
  };
  export default loggers;
}

declare module 'kafkajs/src/cluster/index.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js';

  interface ProtocolCall<T> {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      readonly encode: () => Promise<Encoder>;
    };
    readonly response: {
      readonly decode: (bytes: Buffer) => Promise<T & { readonly clientSideThrottleTime: number }>;
      readonly parse: (decoded: T) => Promise<T>;
    };
    readonly requestTimeout?: number;
    readonly logResponseError?: boolean;
  }

  interface TopicPartitions {
    readonly topic: string;
    readonly partitions: readonly number[];
  }

  interface ProducerIdentity {
    readonly transactionalId: string;
    readonly producerId: number;
    readonly producerEpoch: number;
  }

  export interface Connection {
    readonly clientId: string;
    readonly socket: import('node:net').Socket;
    readonly requestQueue: import('kafkajs/src/network/requestQueue/index.js').default;
    send<T>(call: ProtocolCall<T>): Promise<T>;
    isAuthenticated(): boolean;
    /** Does nothing where the brokers ask for no name. */
    authenticate(): Promise<void>;
    nextCorrelationId(): number;
    failIfNotConnected(): void;
  }

  export interface Broker {
    readonly nodeId: number;
    readonly connectionPool: {
      /** The connection for fetches has the place 1, that for all else 0. */
      getConnection(place: number): Promise<Connection>;
    };
    listOffsets(request: {
      readonly replicaId: number;
      readonly isolationLevel: number;
      readonly topics: readonly {
        readonly topic: string;
        readonly partitions: readonly {
          readonly partition: number;
          readonly timestamp: number;
        }[];
      }[];
    }): Promise<{
      readonly responses: readonly {
        readonly topic: string;
        readonly partitions: readonly {
          readonly partition: number;
          readonly errorCode: number;
          readonly offset: string;
        }[];
      }[];
    }>;
    createTopics(request: {
      readonly topics: readonly {
        readonly topic: string;
        readonly numPartitions: number;
        /** Absent: as many as the brokers make by default. */
        readonly replicationFactor?: number;
        readonly configEntries: readonly { readonly name: string; readonly value: string }[];
      }[];
      readonly timeout: number;
    }): Promise<unknown>;
    describeConfigs(request: {
      readonly resources: readonly {
        readonly type: number;
        readonly name: string;
        readonly configNames: readonly string[];
      }[];
    }): Promise<{
      readonly resources: readonly {
        readonly resourceName: string;
        readonly configEntries: readonly {
          readonly configName: string;
          readonly configValue: string;
        }[];
      }[];
    }>;
    describeGroups(request: { readonly groupIds: readonly string[] }): Promise<{
      readonly groups: readonly {
        /** That its members have in common; empty while some join. */
        readonly protocol: string;
        readonly members: readonly {
          readonly memberId: string;
          readonly clientHost: string;
          readonly memberMetadata: Buffer;
          readonly memberAssignment: Buffer;
        }[];
      }[];
    }>;
    offsetFetch(request: { readonly groupId: string; readonly topics: readonly [] }): Promise<{
      readonly responses: readonly {
        readonly topic: string;
        readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
      }[];
    }>;
    initProducerId(request: {
      readonly transactionalId: string;
      readonly transactionTimeout: number;
    }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
    addPartitionsToTxn(
      request: ProducerIdentity & { readonly topics: readonly TopicPartitions[] },
    ): Promise<unknown>;
    addOffsetsToTxn(request: ProducerIdentity & { readonly groupId: string }): Promise<unknown>;
    txnOffsetCommit(
      request: ProducerIdentity & {
        readonly groupId: string;
        readonly topics: readonly {
          readonly topic: string;
          readonly partitions: readonly { readonly partition: number; readonly offset: number }[];
        }[];
      },
    ): Promise<unknown>;
    endTxn(request: ProducerIdentity & { readonly transactionResult: boolean }): Promise<unknown>;
    joinGroup(request: {
      readonly groupId: string;
      readonly sessionTimeout: number;
      readonly rebalanceTimeout: number;
      readonly memberId: string;
      readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
    }): Promise<{
      readonly generationId: number;
      readonly leaderId: string;
      readonly memberId: string;
      readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
    }>;
    syncGroup(request: {
      readonly groupId: string;
      readonly generationId: number;
      readonly memberId: string;
      readonly groupAssignment: readonly {
        readonly memberId: string;
        readonly memberAssignment: Buffer;
      }[];
    }): Promise<{ readonly memberAssignment: Buffer }>;
    heartbeat(request: {
      readonly groupId: string;
      readonly groupGenerationId: number;
      readonly memberId: string;
    }): Promise<unknown>;
    leaveGroup(request: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
  }

  export interface ClusterMetadata {
    readonly topicMetadata: readonly {
      readonly topic: string;
      readonly isInternal: boolean;
      readonly partitionMetadata: readonly {
        readonly partitionId: number;
        readonly leader: number;
        readonly replicas: readonly number[];
      }[];
    }[];
  }

  class Cluster {
    constructor(options: {
      readonly logger: import('kafkajs').Logger;
      readonly socketFactory: import('kafkajs').ISocketFactory;
      readonly brokers: readonly string[];
      readonly ssl?: unknown;
      readonly sasl?: unknown;
      readonly clientId: string;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly metadataMaxAge: number;
      readonly allowAutoTopicCreation: boolean;
      readonly maxInFlightRequests: number | null;
      readonly retry: import('kafkajs').RetryOptions;
    });
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    refreshMetadata(): Promise<void>;
    /** null: never fetched. */
    readonly brokerPool: { readonly metadata: ClusterMetadata | null };
    findBroker(wanted: { readonly nodeId: number }): Promise<Broker>;
    findControllerBroker(): Promise<Broker>;
    findGroupCoordinator(wanted: {
      readonly groupId: string;
      readonly coordinatorType?: 0 | 1;
    }): Promise<Broker>;
  }
  export default Cluster;
}

declare module 'kafkajs/src/protocol/requests/metadata/v6/response.js' {
  import type { ClusterMetadata } from 'kafkajs/src/cluster/index.js';

  const response: { parse: (answer: ClusterMetadata) => Promise<ClusterMetadata> };
  export default response;
}
