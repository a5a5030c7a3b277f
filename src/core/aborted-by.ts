/** Resolves when the signal aborts. On one that lives long it leaves a listener until then. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * A controller that others abort too. Whoever makes one aborts it in the end, and then nothing of
 * it is left at the others: what `AbortSignal.any` hangs on a signal that lives long stays there.
 */
export const abortedBy = (...others: readonly AbortSignal[]): AbortController => {
  const own = new AbortController();
  const abort = (): void => own.abort();
  const letGo = (): void => {
    for (const other of others) other.removeEventListener('abort', abort);
  };
  own.signal.addEventListener('abort', letGo);
  for (const other of others) other.addEventListener('abort', abort);
  if (others.some(({ aborted }) => aborted)) abort();
  return own;
};
