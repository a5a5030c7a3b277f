import type { ISocketFactory } from 'kafkajs';
import socketFactory from 'kafkajs/src/network/socketFactory.js';

/**
 * The library's sockets, which send at once. With Nagle's algorithm (RFC 896) a small request waits
 * until the one before it is acknowledged: a round trip more for each, where tasks share one.
 */
export const promptSockets = (): ISocketFactory => {
  const open = socketFactory();
  return (options) => open(options).setNoDelay(true);
};
