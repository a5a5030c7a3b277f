import { Counter, type Registry } from 'prom-client';

/** What ingest tells of raw events beside its tasks. */
export interface IngestMetrics {
  /** Events that were left out because their id had been seen. */
  repeated(repetition: { readonly stream: string; readonly count: number }): void;
}

export const ingestMetrics = (registry: Registry, streams: readonly string[]): IngestMetrics => {
  const repeated = new Counter({
    name: 'tidecast_repeated_events_total',
    help: 'Events that were left out because their id had been seen.',
    labelNames: ['stream'],
    registers: [registry],
  });
  for (const stream of streams) repeated.inc({ stream }, 0);
  return { repeated: ({ stream, count }) => repeated.inc({ stream }, count) };
};
