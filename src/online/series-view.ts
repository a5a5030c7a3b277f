import { deserialize, serialize } from 'node:v8';
import type { SeriesStale } from '../schemas/decision.ts';
import type { Forecast } from '../schemas/forecast.ts';
import type { Score } from '../schemas/score.ts';
import type { Place } from './followed.ts';
import { History, type HistoryColumns } from './history.ts';
import { RecentErrors, sameList, type SavedErrors } from './recent-errors.ts';

type ScorePlace = Pick<Place, 'partition' | 'offset'>;
const NONE_YET: ScorePlace = { partition: -1, offset: -1 };

type Silence = SeriesStale['state'];

interface SavedSeries {
  /** Of the stream when it was written: the bounds of the history are of these. */
  readonly levels: readonly number[];
  readonly forecast: Forecast | undefined;
  readonly history: HistoryColumns | undefined;
  readonly errors: SavedErrors;
  readonly lastEventMs: number;
  readonly silence: Silence;
  readonly scores: ScorePlace;
}

/** What topics have said of one series, as it is kept in memory. */
export class SeriesView {
  readonly id: string;
  readonly history: History;
  errors: RecentErrors;
  /** Of the champion or a rung of the ladder. */
  forecast: Forecast | undefined;
  /** Epoch ms, the start of the last period that was observed; -Infinity before the first. */
  lastEventMs: number;
  /** What a task decided last. */
  silence: Silence;
  /** true: changed since it was written last. */
  isDirty = true;
  /** The last one that is in the sums: a restored view may be ahead of its checkpoint. */
  private scores: ScorePlace;
  private readonly levels: readonly number[];

  constructor(id: string, levels: readonly number[], saved?: SavedSeries) {
    this.id = id;
    this.levels = levels;
    this.history = new History(levels.length, saved?.history);
    this.errors = new RecentErrors(saved?.errors);
    this.forecast = saved?.forecast;
    this.lastEventMs = saved?.lastEventMs ?? -Infinity;
    this.silence = saved?.silence ?? 'alive';
    this.scores = saved?.scores ?? NONE_YET;
  }

  forecasted(forecast: Forecast): void {
    if (forecast.origin < (this.forecast?.origin ?? -Infinity)) return;
    this.forecast = ownCopy(forecast);
    this.isDirty = true;
  }

  scored(
    score: Score,
    { place, rowsMax }: { readonly place: ScorePlace; readonly rowsMax: number },
  ): void {
    if (place.offset <= this.scores.offset) return;
    this.scores = { partition: place.partition, offset: place.offset };
    this.errors.take(score);
    this.history.put(
      { time: score.target, actual: score.actual, past: this.pastOf(score) },
      rowsMax,
    );
    this.lastEventMs = Math.max(this.lastEventMs, score.target);
    this.isDirty = true;
  }

  /** What follows in this partition takes the place of what came before. */
  replayed({ partition, offset }: ScorePlace): void {
    if (partition !== this.scores.partition || offset <= this.scores.offset) return;
    this.scores = { partition, offset };
    this.errors = new RecentErrors();
    this.forecast = undefined;
    this.isDirty = true;
  }

  decided({ state, lastEventTime }: SeriesStale): void {
    this.silence = state;
    this.lastEventMs = Math.max(this.lastEventMs, lastEventTime);
    this.isDirty = true;
  }

  bytes(): Buffer {
    const { levels, forecast, history, errors, lastEventMs, silence, scores } = this;
    const saved: SavedSeries = {
      levels,
      forecast,
      history: history.last(Infinity),
      errors: errors.saved(),
      lastEventMs,
      silence,
      scores,
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
  const saved = deserialize(bytes) as SavedSeries;
  // Bounds of other levels come from another configuration, and would be shown as these.
  const history = sameList(saved.levels, levels) ? saved.history : undefined;
  const view = new SeriesView(id, levels, { ...saved, history });
  view.isDirty = false;
  return view;
};
