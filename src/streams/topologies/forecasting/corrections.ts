import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';
import type { TaskState } from '../../../state/task-state.ts';
import type { Outbox } from '../../batch.ts';
import type { Closer } from './closer.ts';
import { HeldCorrections, heldCorrectionsStore } from './held-corrections.ts';
import type { LateEvents } from './late-events.ts';
import type { Series, SeriesTable } from './series-table.ts';
import type { LateEvent } from './sinks.ts';

/** What was scored of a target last. */
interface Revised {
  readonly revision: number;
  readonly actual: number;
}

/** The latest targets of a series that were corrected, by period number. */
type Revisions = Readonly<Record<string, Revised>>;

export const revisionsStore = jsonStore<Revisions>({
  name: 'score-revisions',
  version: 1,
  initial: () => ({}),
});

export interface CorrectionsOptions {
  readonly state: TaskState;
  readonly table: SeriesTable;
  readonly closer: Closer;
  readonly late: LateEvents;
  readonly horizon: number;
}

export interface Correction {
  readonly series: Series;
  readonly period: number;
  readonly value: number | null;
}

/**
 * Corrects values of closed periods: the slot is rewritten, and its scores are superseded while
 * forecasts of it are open, a horizon long; forecasts are never issued again. Corrections take
 * effect in the order of the log, after every period that was over by then, however the log was cut
 * into batches.
 */
export class Corrections {
  private readonly held: HeldCorrections;
  private readonly revisions: Keyed<Revisions>;
  private readonly table: SeriesTable;
  private readonly closer: Closer;
  private readonly late: LateEvents;
  private readonly horizon: number;

  constructor({ state, table, closer, late, horizon }: CorrectionsOptions) {
    this.held = new HeldCorrections(state.keyed(heldCorrectionsStore));
    this.revisions = state.keyed(revisionsStore);
    this.table = table;
    this.closer = closer;
    this.late = late;
    this.horizon = horizon;
  }

  /** Takes a correction that came when all periods before `after` were over. */
  hold(period: number, event: LateEvent, after: number): void {
    this.held.put({ after, period, event });
  }

  /** Applies what waits for nothing any more; `closedTo`: all periods before it are closed. */
  release(outbox: Outbox, closedTo: number): void {
    for (const { period, event } of this.held.take(closedTo)) this.take(outbox, period, event);
  }

  /** Rewrites a closed period, or puts the event aside when there is none to rewrite. */
  take(outbox: Outbox, period: number, event: LateEvent): void {
    const { seriesId, value } = event.value.observation;
    const series = this.table.find(seriesId);
    const isTaken = series !== undefined && this.apply({ series, period, value });
    if (!isTaken) this.late.putAside(outbox, event);
  }

  /** Rewrites a closed period; false when it is not in the ring. */
  private apply({ series, period, value }: Correction): boolean {
    const { window } = series;
    if (window.isEmpty || period > window.head || period < window.first) return false;
    const before = window.at(period);
    const after = value ?? Number.NaN;
    if (Object.is(before, after)) return true;
    this.table.rewrite(series, period, after);
    // Beyond a horizon no forecast of it is sure to be open still, so that counts may be forgotten.
    if (period > window.head - this.horizon) this.score(series, period, { before, after });
    return true;
  }

  private score(series: Series, period: number, to: { before: number; after: number }): void {
    const { before, after } = to;
    const known = this.revisions.find(series.id)?.[String(period)];
    // While a value is withdrawn, what was scored of it last is remembered.
    const scored = known ?? { revision: 0, actual: before };
    const isFirst = Number.isNaN(scored.actual);
    if (Number.isNaN(after)) {
      this.remember(series, period, scored);
      return;
    }
    const revision = isFirst ? 0 : scored.revision + 1;
    if (!isFirst) this.remember(series, period, { revision, actual: after });
    const superseded = isFirst ? null : scored.actual;
    this.closer.score(series, { period, value: after, revision, superseded });
  }

  private remember({ id, window }: Series, period: number, revised: Revised): void {
    const known = Object.entries(this.revisions.find(id) ?? {});
    const kept = known.filter(([at]) => Number(at) > window.head - this.horizon);
    this.revisions.put(id, { ...Object.fromEntries(kept), [String(period)]: revised });
  }
}
