import type { KeyedDefinition } from '../../../state/keyed.ts';

/** How far the closing of periods has come: all before `next` are closed, and `done` series of `next` itself. */
export interface ClosingProgress {
  /** Period number; NaN before the first. */
  next: number;
  /** Series of `next`, in order of their ids, that are closed already. */
  done: number;
  /** The record that moved the watermark last: what the forecasts it closes are owed to. */
  triggerOffset: number;
  /** Its append time, epoch ms. */
  triggeredAtMs: number;
}

export const PROGRESS_KEY = 'progress';

export const closingProgressStore: KeyedDefinition<ClosingProgress> = {
  kind: 'keyed',
  name: 'closing-progress',
  version: 1,
  initial: () => ({ next: Number.NaN, done: 0, triggerOffset: 0, triggeredAtMs: 0 }),
  clone: (progress) => ({ ...progress }),
  encode: ({ next, done, triggerOffset, triggeredAtMs }) =>
    new Uint8Array(Float64Array.of(next, done, triggerOffset, triggeredAtMs).buffer),
  decode: (bytes) => {
    const [next, done, triggerOffset, triggeredAtMs] = new Float64Array(bytes.slice().buffer);
    return {
      next: next ?? Number.NaN,
      done: done ?? 0,
      triggerOffset: triggerOffset ?? 0,
      triggeredAtMs: triggeredAtMs ?? 0,
    };
  },
};
