import type { ModelVersion } from '../registry/model-fold.ts';
import type { Accuracy } from '../schemas/accuracy.ts';
import type { Forecast } from '../schemas/forecast.ts';
import type { ListedRecord } from './followed.ts';
import type { HistoryColumns } from './history.ts';
import type { ErrorSummary } from './recent-errors.ts';

/** By how long ago the next value of a series was due, or as a task decided. */
export type SeriesFreshness = 'fresh' | 'late' | 'stale' | 'dead';

/** What is known of one series. */
export interface OnlineSeries {
  readonly id: string;
  /** The last one of the champion or of a rung of the ladder. */
  readonly forecast: Forecast | undefined;
  /** Views that are true until the event loop turns. */
  readonly history: HistoryColumns;
  readonly error: ErrorSummary;
  readonly state: SeriesFreshness;
}

export interface SeriesQuery {
  /** Part of an id, whatever its case; empty: all. */
  readonly search: string;
  readonly limit: number;
  readonly offset: number;
}

export interface SeriesPage {
  /** How many match. */
  readonly total: number;
  readonly series: readonly OnlineSeries[];
}

export interface StreamSummary {
  readonly seriesCount: number;
  /** Neither stale nor dead: of what is not dead, their share is the fresh share. */
  readonly freshCount: number;
  readonly deadCount: number;
}

/** How recent the data of all series are. */
export interface OnlineFreshness {
  readonly states: Readonly<Record<SeriesFreshness, number>>;
  /** The stalest series that are not dead, the stalest first. */
  readonly stalest: readonly { readonly id: string; readonly ageMs: number }[];
  /** One of each stream. */
  readonly cadences: readonly {
    readonly stream: string;
    readonly cadence: string;
    readonly periodMs: number;
    readonly lastEventMs: number | undefined;
  }[];
}

/** What the API answers from: a view of the topics, never the truth, and a little behind them. */
export interface OnlineStore {
  /** `periods` is how much history is asked for. Undefined: no such series, or no such stream. */
  series(stream: string, id: string, periods: number): Promise<OnlineSeries | undefined>;
  list(stream: string, query: SeriesQuery): Promise<SeriesPage>;
  summary(stream: string): Promise<StreamSummary>;
  /** The latest of each model, role and window, of the model as a whole. */
  accuracy(stream: string): Promise<readonly Accuracy[]>;
  models(): Promise<readonly ModelVersion[]>;
  /** The latest first. */
  events(limit: number): Promise<readonly ListedRecord[]>;
}
