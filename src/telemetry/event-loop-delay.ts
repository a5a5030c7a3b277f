import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

const NANOSECONDS = 1e9;
const RESOLUTION_MS = 10;
const RESOLUTION_SECONDS = RESOLUTION_MS / 1_000;
/** As often as anybody scrapes it: whatever happens is shown for so long at least. */
const WINDOW_MS = 15_000;
const PERCENTILES = [50, 99, 100] as const;

export interface EventLoopDelay {
  /** Shows the worse of the last whole window and the present one so far. */
  refresh(): void;
  close(): void;
}

/** Nanoseconds, by percentile. */
export type DelayHistogram = Pick<IntervalHistogram, 'percentile' | 'reset' | 'enable' | 'disable'>;

/** What it measures is how late a timer is called, and the time that it waits anyway. */
const seconds = (histogram: DelayHistogram, percentile: number): number =>
  Math.max(0, histogram.percentile(percentile) / NANOSECONDS - RESOLUTION_SECONDS);

/**
 * How long the event loop kept others waiting: everything shares it. Windows go by time, so that
 * it makes no difference how many ask, and how often.
 */
export const eventLoopDelay = (
  registry: Registry,
  histogram: DelayHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
): EventLoopDelay => {
  const delay = new Gauge({
    name: 'tidecast_event_loop_delay_seconds',
    help: 'Delay of the event loop in the last 15 to 30 seconds, by quantile; 1 is the longest.',
    labelNames: ['quantile'],
    registers: [registry],
  });
  const before = new Map<number, number>();
  histogram.enable();
  const windows = setInterval(() => {
    for (const percentile of PERCENTILES) before.set(percentile, seconds(histogram, percentile));
    histogram.reset();
  }, WINDOW_MS);
  windows.unref();
  return {
    refresh() {
      for (const percentile of PERCENTILES) {
        const worse = Math.max(seconds(histogram, percentile), before.get(percentile) ?? 0);
        delay.set({ quantile: String(percentile / 100) }, worse);
      }
    },
    close() {
      clearInterval(windows);
      histogram.disable();
    },
  };
};
