import { DAY_MS } from '../../../core/duration.ts';
import type { Frequency } from '../../../core/frequency.ts';
import type { ModelRef } from '../../../schemas/forecast.ts';
import { jsonStore } from '../../../state/json-store.ts';

/** What has been told of. */
export interface Progress {
  /** Epoch ms: the first day that is not told of yet; null before the first watermark. */
  readonly nextDay: number | null;
  readonly idle: boolean;
}

export const PROGRESS_KEY = 'progress';

export const progressStore = jsonStore<Progress>({
  name: 'monitoring-progress',
  version: 1,
  initial: () => ({ nextDay: null, idle: false }),
});

/** Champions whose errors are kept, by the serial number that rows of errors carry. */
export const servedModelsStore = jsonStore<ModelRef>({
  name: 'served-models',
  version: 1,
  initial: (serial) => {
    throw new Error(`a served model is written with its serial ${serial}`);
  },
});

/**
 * The first day (epoch ms) of which a target may still come: a day is over once the last period
 * that begins in it has ended, which for hours is its own end.
 */
export const firstOpenDay = (watermark: number, periods: Frequency): number => {
  let day = Math.floor(watermark / DAY_MS) * DAY_MS;
  while (endOfDay(day - DAY_MS, periods) > watermark) day -= DAY_MS;
  return day;
};

const endOfDay = (day: number, periods: Frequency): number =>
  periods.startOf(periods.periodOf(day + DAY_MS - 1) + 1);
