// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { RowState } from './row-state.ts';
import { FULL, Moments, RANGE, SUMS, type Detail } from './moments.ts';
import { Track, type TrackSource } from './track.ts';

/** `length` values of a track that end `shift` periods before the origin. */
export interface TrackWindow {
  readonly length: number;
  readonly shift: number;
}

export type Measure = 'mean' | 'std' | 'min' | 'max';

/** Reads one number of the row that was opened last. */
export type Reader = () => number;

const DETAILS: Readonly<Record<Measure, Detail>> = {
  mean: SUMS,
  std: FULL,
  min: RANGE,
  max: RANGE,
};

interface AskedWindow extends TrackWindow {
  /** Where its measures are. */
  readonly at: number;
  detail: Detail;
}

const OFFSETS: Readonly<Record<Measure, number>> = { mean: 0, std: 1, min: 2, max: 3 };
const MEASURE_WORDS = 4;

/** What terms ask of one track: each window is measured once a row, however many terms read it. */
export class TrackWindows {
  private readonly source: TrackSource;
  private readonly keepsValues: boolean;
  private readonly windows: AskedWindow[] = [];
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
    const asked = this.asked(window);
    if (DETAILS[measure] > asked.detail) asked.detail = DETAILS[measure];
    const at = asked.at + OFFSETS[measure];
    return () => this.measures[at] as number;
  }

  /** Reserves what the track keeps, once all terms have asked; the result measures all windows. */
  compile(state: RowState): () => void {
    const { windows, source, keepsValues, span } = this;
    if (windows.length === 0) return () => undefined;
    const track = new Track(source, { span, keepsValues });
    const at = state.keep(track);
    this.measures = new Float64Array(windows.length * MEASURE_WORDS);
    const sweeps = sweepsOf(windows);
    return () => {
      for (const sweep of sweeps) {
        track.begin(state.row, state.words, state.at + at, state.row.origin - sweep.shift);
        this.measureAll(track, sweep.windows, state.row.origin);
      }
    };
  }

  private asked({ length, shift }: TrackWindow): AskedWindow {
    const known = this.windows.find((it) => it.length === length && it.shift === shift);
    if (known !== undefined) return known;
    const asked = { length, shift, at: this.windows.length * MEASURE_WORDS, detail: SUMS };
    this.windows.push(asked);
    return asked;
  }

  private measureAll(track: Track, windows: readonly SweptWindow[], origin: number): void {
    const { moments, measures } = this;
    for (const { at, reach, detail, swept } of windows) {
      track.sweep(origin - reach + 1, moments, swept);
      const { count } = moments;
      measures[at] = count === 0 ? Number.NaN : moments.sum / count;
      if (detail === FULL) {
        measures[at + 1] = count < 2 ? Number.NaN : Math.sqrt(moments.squares / (count - 1));
      }
      measures[at + 2] = moments.least;
      measures[at + 3] = moments.greatest;
    }
  }
}

interface SweptWindow {
  readonly at: number;
  /** Periods from its start to the origin. */
  readonly reach: number;
  readonly detail: Detail;
  /** Of this window and the longer ones that build on it. */
  readonly swept: Detail;
}

interface Sweep {
  readonly shift: number;
  readonly windows: readonly SweptWindow[];
}

/** Windows that end together are measured in one sweep, from short to long. */
const sweepsOf = (windows: readonly AskedWindow[]): Sweep[] =>
  [...new Set(windows.map(({ shift }) => shift))].map((shift) => {
    const together = windows
      .filter((window) => window.shift === shift)
      .sort((one, other) => other.length - one.length);
    let swept: Detail = SUMS;
    const longToShort = together.map(({ at, length, detail }): SweptWindow => {
      if (detail > swept) swept = detail;
      return { at, reach: length + shift, detail, swept };
    });
    return { shift, windows: longToShort.reverse() };
  });
