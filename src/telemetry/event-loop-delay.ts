import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

const NANOSECONDS = 1e9;
const RESOLUTION_MS = 10;
const PERCENTILES = [50, 99] as const;

export interface EventLoopDelay {
  /** Shows what was measured since the last call. */
  refresh(): void;
  close(): void;
}

/** How long the event loop kept others waiting between two scrapes: everything shares it. */
export const eventLoopDelay = (registry: Registry): EventLoopDelay => {
  const delay = new Gauge({
    name: 'tidecast_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape, by quantile; 1 is the longest.',
    labelNames: ['quantile'],
    registers: [registry],
  });
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    refresh() {
      for (const percentile of PERCENTILES) {
        const seconds = histogram.percentile(percentile) / NANOSECONDS;
        delay.set({ quantile: String(percentile / 100) }, seconds);
      }
      delay.set({ quantile: '1' }, histogram.max / NANOSECONDS);
      histogram.reset();
    },
    close() {
      histogram.disable();
    },
  };
};
