import { getEventListeners } from 'node:events';

const NOBODY: { readonly size: number } = { size: 0 };

/** What hangs on a signal: listeners, and what `AbortSignal.any` has made of it. */
export const hungOn = (signal: AbortSignal): number => {
  const key = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  );
  // Node's own set of weak references, of no class that is known outside; none before it is needed.
  const dependants: unknown = key === undefined ? undefined : Reflect.get(signal, key);
  const { size } = (dependants ?? NOBODY) as { readonly size: number };
  return size + getEventListeners(signal, 'abort').length;
};
