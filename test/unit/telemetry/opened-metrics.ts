import type { Freshness } from '../../../src/telemetry/freshness-metrics.ts';
import { metrics, type Metrics } from '../../../src/telemetry/metrics.ts';

const STREAM = { name: 'departures', model: 'flights', accuracyWindow: '7d' };

/** Metrics of a process that runs two topologies of one stream. */
export const opened = (freshness?: () => Freshness): Metrics => {
  const made = metrics({
    ...{ streams: [STREAM], topologies: ['ingest', 'forecasting'], refusals: ['VALUE_NOT_JSON'] },
  });
  if (freshness !== undefined) made.tellFreshness(freshness);
  return made;
};

/** What a scrape says of one metric. */
export const linesOf = async (from: Metrics, name: string): Promise<readonly string[]> => {
  const text = await from.text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
};
