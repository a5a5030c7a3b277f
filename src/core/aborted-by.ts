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
