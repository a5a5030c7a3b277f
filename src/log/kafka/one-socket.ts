import { setTimeout as wait } from 'node:timers/promises';
import { KafkaJSConnectionError } from 'kafkajs/src/errors.js';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

type Connect = (this: Connection) => Promise<unknown>;
type Disconnect = (this: Connection) => Promise<boolean>;
type RejectAll = (this: RequestQueue, error: Error) => void;

/** As the library's own event is called. */
const EMPTY = 'requestQueueEmpty';

const connecting = new WeakMap<Connection, Promise<unknown>>();
const disconnecting = new WeakMap<Connection, Promise<boolean>>();

/** Longer than the library itself waits, which forgets those whose socket ended meanwhile. */
const CONNECT_MS_MAX = 5_000;

const failing = async (signal: AbortSignal): Promise<never> => {
  await wait(CONNECT_MS_MAX, undefined, { signal });
  throw new KafkaJSConnectionError('the connection did not come about');
};

/** An answer begins with how long it is. */
const SIZE_BYTES = 4;

/** What came of an answer that was cut would be taken for the beginning of the next one. */
const forgetCutAnswer = (connection: Connection): void => {
  connection.chunks = [];
  connection.bytesBuffered = 0;
  connection.bytesNeeded = SIZE_BYTES;
};

/** Whoever comes while a socket is being opened waits for it. */
const sharing = (connect: Connect): Connect =>
  function (this: Connection) {
    const known = connecting.get(this);
    if (known !== undefined) return known;
    if (!this.isConnected()) forgetCutAnswer(this);
    const late = new AbortController();
    const begun = Promise.race([connect.call(this), failing(late.signal)]).finally(() => {
      late.abort();
      connecting.delete(this);
    });
    connecting.set(this, begun);
    return begun;
  };

/**
 * Each request that fails closes the connection, and each time the library leaves listeners on it
 * and on its socket: under many tasks more than Node takes for sound.
 */
const closingOnce = (disconnect: Disconnect): Disconnect =>
  function (this: Connection) {
    const known = disconnecting.get(this);
    if (known !== undefined) return known;
    if (!this.isConnected() && this.socket?.destroyed === true) return Promise.resolve(true);
    const begun = disconnect.call(this).finally(() => disconnecting.delete(this));
    disconnecting.set(this, begun);
    return begun;
  };

/** Who waits for the last answer before it closes a socket waits in vain once it was cut. */
const telling = (rejectAll: RejectAll): RejectAll =>
  function (this: RequestQueue, error: Error) {
    rejectAll.call(this, error);
    this.emit(EMPTY);
  };

/**
 * A connection of the library opens a socket for each request that finds it closed: when it was cut
 * under many tasks, all but the last of these sockets are left behind, keep the process alive, and
 * cut the one in use when they end. From here on, each connection has one at a time, and nothing of
 * the one before is left in it.
 */
export const keepOneSocket = (): void => {
  const { prototype } = Connection;
  prototype.connect = sharing(prototype.connect);
  prototype.disconnect = closingOnce(prototype.disconnect);
  const queue = RequestQueue.prototype;
  queue.rejectAll = telling(queue.rejectAll);
};
