import { jsonStore } from '../../../state/json-store.ts';

/** How far the closing of periods has come. Values are replaced, never changed in place. */
export interface ClosingProgress {
  /** Period number: all before it are closed; null before the first watermark. */
  readonly next: number | null;
  /** The last series of `next`, in order of their ids, that is closed already; empty for none. */
  readonly doneId: string;
  /** The record that moved the watermark last: what the forecasts it closes are owed to. */
  readonly triggerOffset: number;
  /** Its append time, epoch ms. */
  readonly triggeredAtMs: number;
  /**
   * Period numbers up to which closings are owed still, one for each record that moved event time
   * on: readers are told of each, wherever batches are cut. Absent: none.
   */
  readonly owed?: readonly number[];
}

export const PROGRESS_KEY = 'progress';

export const NO_PROGRESS: ClosingProgress = {
  next: null,
  doneId: '',
  triggerOffset: 0,
  triggeredAtMs: 0,
};

export const closingProgressStore = jsonStore<ClosingProgress>({
  name: 'closing-progress',
  version: 1,
  initial: () => NO_PROGRESS,
});
