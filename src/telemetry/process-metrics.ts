import { collectDefaultMetrics, type Registry } from 'prom-client';

/** It is set back at each scrape, so that two servers would halve what the other sees. */
const RESET_BY_SCRAPES = 'nodejs_eventloop_lag_';

/** Memory, CPU, handles and garbage of the process, by the names that every dashboard knows. */
export const processMetrics = (registry: Registry): void => {
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith(RESET_BY_SCRAPES)) registry.removeSingleMetric(name);
  }
};
