import { Gauge, type Registry } from 'prom-client';
import { SECOND_MS } from '../core/duration.ts';

export const ENTITY_STATES = ['fresh', 'late', 'stale', 'dead'] as const;
export type EntityState = (typeof ENTITY_STATES)[number];

/** How recent the data of all series are, asked for at each scrape. */
export interface Freshness {
  readonly states: Readonly<Record<EntityState, number>>;
  /** The stalest that are not dead, at most as many as were asked for. */
  readonly stalest: readonly { readonly id: string; readonly ageMs: number }[];
  readonly cadences: readonly {
    readonly stream: string;
    /** As configured: `1h`. */
    readonly cadence: string;
    readonly periodMs: number;
    /** Epoch ms of the last event of any series; undefined before the first. */
    readonly lastEventMs: number | undefined;
  }[];
}

/** Labels of series are bounded, whatever the number of series is. */
const STALEST_MAX = 50;

export type FreshnessSource = (stalestMax: number) => Freshness;

const families = (registry: Registry) => ({
  entities: new Gauge({
    name: 'forecast_entities',
    help: 'Series by state: fresh, late, stale, dead.',
    labelNames: ['state'],
    registers: [registry],
  }),
  freshness: new Gauge({
    name: 'forecast_data_freshness_seconds',
    help: 'Age of the data of the stalest series, counted from when their next value was due.',
    labelNames: ['entity_id'],
    registers: [registry],
  }),
  lastEvent: new Gauge({
    name: 'tidecast_last_event_timestamp_seconds',
    help: 'Event time of the last event of any series of a stream, Unix time.',
    labelNames: ['stream', 'cadence'],
    registers: [registry],
  }),
  cadence: new Gauge({
    name: 'tidecast_cadence_seconds',
    help: 'How often a series of a stream is to be heard of.',
    labelNames: ['stream', 'cadence'],
    registers: [registry],
  }),
});

/** Returns what is to be called before each scrape: an age is true at one moment only. */
export const freshnessMetrics = (registry: Registry, source: FreshnessSource): (() => void) => {
  const of = families(registry);
  return () => {
    const { states, stalest, cadences } = source(STALEST_MAX);
    for (const state of ENTITY_STATES) of.entities.set({ state }, states[state]);
    of.freshness.reset();
    for (const { id, ageMs } of stalest.slice(0, STALEST_MAX)) {
      of.freshness.set({ entity_id: id }, ageMs / SECOND_MS);
    }
    for (const { stream, cadence, periodMs, lastEventMs } of cadences) {
      of.cadence.set({ stream, cadence }, periodMs / SECOND_MS);
      if (lastEventMs === undefined) continue;
      of.lastEvent.set({ stream, cadence }, lastEventMs / SECOND_MS);
    }
  };
};
