import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';
import type { TaskState } from '../../../state/task-state.ts';
import type { Closer } from './closer.ts';
import type { Series, SeriesTable } from './series-table.ts';

/** A corrected value that waits for periods to be closed that were over when it came. */
interface Held {
  /** Period number: all before it are closed first. */
  readonly after: number;
  readonly seriesId: string;
  readonly period: number;
  readonly value: number | null;
}

/** How often the latest targets of a series were corrected, by period number. */
type Revisions = Readonly<Record<string, number>>;

const HELD_KEY = 'held';

export const heldCorrectionsStore = jsonStore<readonly Held[]>({
  name: 'held-corrections',
  version: 1,
  initial: () => [],
});

export const revisionsStore = jsonStore<Revisions>({
  name: 'score-revisions',
  version: 1,
  initial: () => ({}),
});

export interface CorrectionsOptions {
  readonly state: TaskState;
  readonly table: SeriesTable;
  readonly closer: Closer;
  readonly horizon: number;
}

export interface Correction {
  readonly series: Series;
  readonly period: number;
  readonly value: number | null;
}

/**
 * Corrects values of closed periods: the slot is rewritten and its scores are superseded; forecasts
 * are never issued again. Corrections take effect in the order of the log, after every period that
 * was over by then, however the log was cut into batches.
 */
export class Corrections {
  private readonly held: Keyed<readonly Held[]>;
  private readonly revisions: Keyed<Revisions>;
  private readonly table: SeriesTable;
  private readonly closer: Closer;
  private readonly horizon: number;

  constructor({ state, table, closer, horizon }: CorrectionsOptions) {
    this.held = state.keyed(heldCorrectionsStore);
    this.revisions = state.keyed(revisionsStore);
    this.table = table;
    this.closer = closer;
    this.horizon = horizon;
  }

  get areHeld(): boolean {
    return this.waiting.length > 0;
  }

  /** Takes a correction that came when all periods before `after` were over. */
  hold({ series, period, value }: Correction, after: number): void {
    this.held.put(HELD_KEY, [...this.waiting, { after, seriesId: series.id, period, value }]);
  }

  /** Applies what waits for nothing any more; `closedTo`: all periods before it are closed. */
  release(closedTo: number): void {
    const { waiting } = this;
    const ready = waiting.filter(({ after }) => after <= closedTo);
    if (ready.length === 0) return;
    for (const { seriesId, period, value } of ready) {
      const series = this.table.find(seriesId);
      if (series !== undefined) this.apply({ series, period, value });
    }
    const left = waiting.filter(({ after }) => after > closedTo);
    if (left.length === 0) this.held.delete(HELD_KEY);
    else this.held.put(HELD_KEY, left);
  }

  /** Rewrites a closed period; false when it has left the ring. */
  apply({ series, period, value }: Correction): boolean {
    const { window } = series;
    if (window.isEmpty || period > window.head || period < window.first) return false;
    const before = window.at(period);
    const after = value ?? Number.NaN;
    if (Object.is(before, after)) return true;
    this.table.rewrite(series, period, after);
    if (Number.isNaN(after)) return true;
    const isFirst = Number.isNaN(before);
    const revision = isFirst ? 0 : this.revise(series, period);
    this.closer.score(series, {
      period,
      value: after,
      revision,
      superseded: isFirst ? null : before,
    });
    return true;
  }

  private get waiting(): readonly Held[] {
    return this.held.find(HELD_KEY) ?? [];
  }

  /** Counts revisions while a score of the target can still be superseded. */
  private revise({ id, window }: Series, period: number): number {
    const known = this.revisions.find(id) ?? {};
    const revision = (known[String(period)] ?? 0) + 1;
    const kept = Object.entries(known).filter(([at]) => Number(at) > window.head - this.horizon);
    this.revisions.put(id, { ...Object.fromEntries(kept), [String(period)]: revision });
    return revision;
  }
}
