// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { RowState } from './row-state.ts';
import { Moments, Track, type TrackSource } from './track.ts';

/** `length` values of a track that end `shift` periods before the origin. */
export interface TrackWindow {
  readonly length: number;
  readonly shift: number;
}

export type Measure = 'mean' | 'std' | 'min' | 'max';

/** Reads one number of the row that was opened last. */
export type Reader = () => number;

const OFFSETS: Readonly<Record<Measure, number>> = { mean: 0, std: 1, min: 2, max: 3 };
const MEASURE_WORDS = 4;

/** What terms ask of one track: each window is measured once a row, however many terms read it. */
export class TrackWindows {
  private readonly source: TrackSource;
  private readonly keepsValues: boolean;
  private readonly windows: TrackWindow[] = [];
  private measures: Float64Array = new Float64Array();
  private readonly moments = new Moments();

  constructor(source: TrackSource, { keepsValues }: { readonly keepsValues: boolean }) {
    this.source = source;
    this.keepsValues = keepsValues;
  }

  /** Periods that the windows reach back to, counted from the origin. */
  get span(): number {
    return Math.max(0, ...this.windows.map(({ length, shift }) => length + shift));
  }

  reader(window: TrackWindow, measure: Measure): Reader {
    const at = this.indexOf(window) * MEASURE_WORDS + OFFSETS[measure];
    return () => this.measures[at] as number;
  }

  /** Reserves what the track keeps, once all terms have asked; the result measures all windows. */
  compile(state: RowState): () => void {
    const { windows, source, keepsValues, span } = this;
    if (windows.length === 0) return () => undefined;
    const track = new Track(source, { span, keepsValues });
    const at = state.keep(track);
    this.measures = new Float64Array(windows.length * MEASURE_WORDS);
    return () => {
      for (let index = 0; index < windows.length; index += 1) {
        this.measure(track, state, { at, index });
      }
    };
  }

  private indexOf({ length, shift }: TrackWindow): number {
    const known = this.windows.findIndex((it) => it.length === length && it.shift === shift);
    return known < 0 ? this.windows.push({ length, shift }) - 1 : known;
  }

  private measure(
    track: Track,
    { row, words }: RowState,
    { at, index }: { readonly at: number; readonly index: number },
  ): void {
    const { moments, measures } = this;
    const { length, shift } = this.windows[index] as TrackWindow;
    const to = row.origin - shift;
    track.measure(row, words, { at, from: to - length + 1, to, into: moments });
    const { count } = moments;
    const base = index * MEASURE_WORDS;
    measures[base] = count === 0 ? Number.NaN : moments.sum / count;
    measures[base + 1] = count < 2 ? Number.NaN : Math.sqrt(moments.squares / (count - 1));
    measures[base + 2] = moments.least;
    measures[base + 3] = moments.greatest;
  }
}
