/** Resolves when timers and sockets of the process have had their turn. */
export const turnOfOthers = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
