import { deserialize, serialize } from 'node:v8';
import type { SeriesStale } from '../schemas/decision.ts';
import type { Forecast } from '../schemas/forecast.ts';
import type { Score } from '../schemas/score.ts';
import { History, type HistoryColumns } from './history.ts';
import { RecentErrors, type SavedErrors } from './recent-errors.ts';

type Silence = SeriesStale['state'];

interface SavedSeries {
  readonly forecast: Forecast | undefined;
  readonly history: HistoryColumns;
  readonly errors: SavedErrors;
  readonly lastEventMs: number;
  readonly silence: Silence;
  readonly scoresNext: number;
}

/** What topics have said of one series, as it is kept in memory. */
export class SeriesView {
  readonly id: string;
  readonly history: History;
  readonly errors: RecentErrors;
  /** Of the champion or a rung of the ladder. */
  forecast: Forecast | undefined;
  /** Epoch ms, the start of the last period that was observed; -Infinity before the first. */
  lastEventMs: number;
  /** What a task decided last. */
  silence: Silence;
  /** true: changed since it was written last. */
  isDirty = true;
  /** Scores before it are in the sums already: a restored view may be ahead of its checkpoint. */
  private scoresNext: number;
  private readonly levels: readonly number[];

  constructor(id: string, levels: readonly number[], saved?: SavedSeries) {
    this.id = id;
    this.levels = levels;
    this.history = new History(levels.length, saved?.history);
    this.errors = new RecentErrors(saved?.errors);
    this.forecast = saved?.forecast;
    this.lastEventMs = saved?.lastEventMs ?? -Infinity;
    this.silence = saved?.silence ?? 'alive';
    this.scoresNext = saved?.scoresNext ?? 0;
  }

  forecasted(forecast: Forecast): void {
    if (forecast.origin < (this.forecast?.origin ?? -Infinity)) return;
    this.forecast = ownCopy(forecast);
    this.isDirty = true;
  }

  scored(
    score: Score,
    { offset, rowsMax }: { readonly offset: number; readonly rowsMax: number },
  ): void {
    if (offset < this.scoresNext) return;
    this.scoresNext = offset + 1;
    this.errors.take(score);
    this.history.put(
      { time: score.target, actual: score.actual, past: this.pastOf(score) },
      rowsMax,
    );
    this.lastEventMs = Math.max(this.lastEventMs, score.target);
    this.isDirty = true;
  }

  decided({ state, lastEventTime }: SeriesStale): void {
    this.silence = state;
    this.lastEventMs = Math.max(this.lastEventMs, lastEventTime);
    this.isDirty = true;
  }

  bytes(): Buffer {
    const { forecast, history, errors, lastEventMs, silence, scoresNext } = this;
    const saved: SavedSeries = {
      forecast,
      history: history.last(Infinity),
      errors: errors.saved(),
      lastEventMs,
      silence,
      scoresNext,
    };
    return serialize(saved);
  }

  private pastOf({ steps, levels }: Score) {
    const step = steps.find((one) => one.step === 1);
    if (step === undefined) return undefined;
    const at = this.levels.map((level) => levels.indexOf(level));
    return {
      mean: step.mean,
      lower: at.map((index) => step.lower[index] ?? Number.NaN),
      upper: at.map((index) => step.upper[index] ?? Number.NaN),
    };
  }
}

/** What was decoded shares its memory with its neighbours, and would keep all of it. */
const ownCopy = (forecast: Forecast): Forecast => ({
  ...forecast,
  mean: forecast.mean.slice(),
  intervals: forecast.intervals.map(({ level, lower, upper }) => ({
    level,
    lower: lower.slice(),
    upper: upper.slice(),
  })),
});

/** A series as `bytes` left it; the checkpoint has told bytes of another version apart. */
export const restoredSeries = (
  id: string,
  levels: readonly number[],
  bytes: Buffer,
): SeriesView => {
  // Written by `bytes` above.
  const view = new SeriesView(id, levels, deserialize(bytes) as SavedSeries);
  view.isDirty = false;
  return view;
};
