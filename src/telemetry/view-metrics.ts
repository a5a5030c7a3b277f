import { Gauge, type Registry } from 'prom-client';
import { SECOND_MS } from '../core/duration.ts';

/** How far the view of the API has come, asked for at each scrape. */
export interface ViewState {
  /** undefined: the log does not say. */
  readonly lagRecords: number | undefined;
  readonly ageMs: number;
}

/** undefined: this process has no view. */
export type ViewSource = () => ViewState | undefined;

/** Returns what is to be called before each scrape. */
export const viewMetrics = (registry: Registry, source: ViewSource): (() => void) => {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name, help, registers: [registry] });
  const lag = gauge(
    'tidecast_view_lag',
    'Committed records that the view of the API has not taken in yet.',
  );
  const age = gauge(
    'tidecast_view_age_seconds',
    'Since the view of the API was at the ends of its topics, or came nearer.',
  );
  const show = (one: Gauge, value: number | undefined): void => {
    if (value === undefined) one.remove();
    else one.set(value);
  };
  return () => {
    const view = source();
    show(lag, view?.lagRecords);
    show(age, view === undefined ? undefined : view.ageMs / SECOND_MS);
  };
};
