import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** Called below with the queue that it belongs to. */
const schedule: (this: RequestQueue) => void =
  // eslint-disable-next-line @typescript-eslint/unbound-method
  RequestQueue.prototype.scheduleCheckPendingRequests;

/**
 * The library looks every millisecond for requests that wait, on every connection and for ever.
 * There is something to look for only while some do, and whoever makes one wait asks again.
 */
export const guardTimers = (): void => {
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduled(): void {
    if (this.pending.length > 0) schedule.call(this);
  };
};
