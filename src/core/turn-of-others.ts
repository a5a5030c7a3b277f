/**
 * Resolves when timers and sockets of the process have had their turn: what only waits for what is
 * in memory already never lets the event loop turn by itself.
 */
export const turnOfOthers = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
