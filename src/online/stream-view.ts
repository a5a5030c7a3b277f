import { DAY_MS } from '../core/duration.ts';
import type { Accuracy } from '../schemas/accuracy.ts';
import { rowBytes } from './history.ts';
import type {
  OnlineSeries,
  SeriesPage,
  SeriesQuery,
  SeriesFreshness,
  StreamSummary,
} from './online-store.ts';
import { SeriesView } from './series-view.ts';

/** Of a stream, what a view needs to know. Durations in ms. */
export interface OnlineStream {
  readonly name: string;
  /** As configured: `1h`. */
  readonly frequency: string;
  readonly periodMs: number;
  readonly graceMs: number;
  readonly staleAfterMs: number;
  readonly deadAfterMs: number;
  /** Percent, ascending. */
  readonly levels: readonly number[];
}

/** Four weeks show every season that people look for; fewer when memory does not last. */
const HISTORY_MS = 28 * DAY_MS;
/** Two days of hours, or seven weeks of days: less is no chart. */
const ROWS_MIN = 48;
/** A frequency of minutes has more periods in four weeks than a chart can show. */
const ROWS_MAX = 4_032;

const WORSE: readonly SeriesFreshness[] = ['fresh', 'late', 'stale', 'dead'];

const worse = (one: SeriesFreshness, other: SeriesFreshness): SeriesFreshness =>
  WORSE.indexOf(one) > WORSE.indexOf(other) ? one : other;

/** What topics have said of the series of one stream and of its models' accuracy. */
export class StreamView {
  readonly options: OnlineStream;
  readonly all = new Map<string, SeriesView>();
  readonly accuracies = new Map<string, Accuracy>();
  private readonly historyBytesMax: number;
  private ids: readonly string[] | undefined;

  /** `historyBytesMax` bounds the history of all its series together. */
  constructor(options: OnlineStream, historyBytesMax: number) {
    this.options = options;
    this.historyBytesMax = historyBytesMax;
  }

  /** Rows of history for each series: four weeks, or an equal share of the memory. */
  get rowsMax(): number {
    const { levels, periodMs } = this.options;
    const share = this.historyBytesMax / rowBytes(levels.length) / Math.max(1, this.all.size);
    const wanted = Math.min(ROWS_MAX, Math.ceil(HISTORY_MS / periodMs));
    return Math.max(ROWS_MIN, Math.min(wanted, Math.floor(share)));
  }

  seriesOf(id: string): SeriesView {
    const known = this.all.get(id);
    if (known !== undefined) return known;
    const series = new SeriesView(id, this.options.levels);
    this.add(series);
    return series;
  }

  add(series: SeriesView): void {
    this.all.set(series.id, series);
    this.ids = undefined;
  }

  judged(accuracy: Accuracy): void {
    const { scope, model, window, revision } = accuracy;
    if (scope !== 'model') return;
    const key = `${model.name}|${model.role}|${window.kind}`;
    const known = this.accuracies.get(key);
    if (known !== undefined) {
      const isOlder = window.end < known.window.end;
      if (isOlder || (window.end === known.window.end && isEarlier(accuracy, known))) return;
    }
    this.accuracies.set(key, { ...accuracy, revision });
  }

  /** How long ago the next value was due, in ms: below 0 when it is not yet. */
  ageOf({ lastEventMs }: SeriesView, nowMs: number): number {
    // The period itself, the next one that is being observed, and the disorder that is allowed.
    return nowMs - (lastEventMs + 2 * this.options.periodMs + this.options.graceMs);
  }

  stateOf(series: SeriesView, nowMs: number): SeriesFreshness {
    const { staleAfterMs, deadAfterMs } = this.options;
    const silentMs = nowMs - series.lastEventMs;
    let state: SeriesFreshness = this.ageOf(series, nowMs) > 0 ? 'late' : 'fresh';
    if (silentMs > staleAfterMs) state = 'stale';
    if (silentMs > deadAfterMs) state = 'dead';
    return series.silence === 'alive' ? state : worse(state, series.silence);
  }

  page({ search, limit, offset }: SeriesQuery, nowMs: number): SeriesPage {
    this.ids ??= [...this.all.keys()].sort();
    const part = search.toLowerCase();
    const found = part === '' ? this.ids : this.ids.filter((id) => id.toLowerCase().includes(part));
    const series = found.slice(offset, offset + limit).flatMap((id) => {
      const one = this.all.get(id);
      return one === undefined ? [] : [this.told(one, nowMs, 0)];
    });
    return { total: found.length, series };
  }

  told(series: SeriesView, nowMs: number, rows: number): OnlineSeries {
    return {
      id: series.id,
      forecast: series.forecast,
      history: series.history.last(rows),
      error: series.errors.summary(),
      state: this.stateOf(series, nowMs),
    };
  }

  summary(nowMs: number): StreamSummary {
    let freshCount = 0;
    let deadCount = 0;
    for (const series of this.all.values()) {
      const state = this.stateOf(series, nowMs);
      if (state === 'fresh' || state === 'late') freshCount += 1;
      if (state === 'dead') deadCount += 1;
    }
    return { seriesCount: this.all.size, freshCount, deadCount };
  }
}

const isEarlier = (one: Accuracy, known: Accuracy): boolean =>
  one.model.sha256 === known.model.sha256 && one.revision < known.revision;
