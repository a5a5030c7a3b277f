// Connections of kafkajs 2.2.4 as they are used here; cluster.ts refuses any other version.

declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** Requests of one connection. */
  class RequestQueue {
    constructor(options: {
      readonly maxInFlightRequests: number | null;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly clientId: string;
      readonly broker: string;
      readonly logger: import('kafkajs').Logger;
    });
    readonly pending: readonly unknown[];
    rejectAll: (this: RequestQueue, error: Error) => void;
    emit(event: string): boolean;
    push(request: {
      readonly entry: {
        readonly correlationId: number;
        resolve(answer: { readonly payload: Buffer }): void;
        reject(error: Error): void;
      };
      readonly expectResponse: boolean;
      sendRequest(): void;
    }): void;
    /** Sends nothing for so many milliseconds. */
    maybeThrottle(ms: number): void;
    fulfillRequest(answer: {
      readonly correlationId: number;
      readonly size: number;
      readonly payload: Buffer;
    }): void;
    scheduleCheckPendingRequests(): void;
    destroy(): void;
  }
  export default RequestQueue;
}

declare module 'kafkajs/src/network/socketFactory.js' {
  const socketFactory: () => import('kafkajs').ISocketFactory;
  export default socketFactory;
}

declare module 'kafkajs/src/network/connection.js' {
  class Connection {
    constructor(options: {
      readonly host: string;
      readonly port: number;
      readonly clientId: string;
      readonly logger: import('kafkajs').Logger;
      readonly socketFactory: import('kafkajs').ISocketFactory;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
    });
    connect: (this: Connection) => Promise<unknown>;
    disconnect: (this: Connection) => Promise<boolean>;
    isConnected(): boolean;
    readonly socket?: import('node:net').Socket;
    /** What came of the next answer, and from how many bytes on that is looked at. */
    chunks: readonly Buffer[];
    bytesBuffered: number;
    bytesNeeded: number;
  }
  export default Connection;
}

declare module 'kafkajs/src/errors.js' {
  export class KafkaJSConnectionError extends Error {}
}

declare module 'kafkajs/src/protocol/requests/addPartitionsToTxn/v1/response.js' {
  interface Added {
    readonly errors: readonly {
      readonly topic: string;
      readonly partitionErrors: readonly {
        readonly partition: number;
        readonly errorCode: number;
      }[];
    }[];
  }
  const response: { parse: (answer: Added) => Promise<Added> };
  export default response;
}
