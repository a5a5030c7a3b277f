import {
  SeriesWindow,
  slotOf,
  WINDOW_HEADER_WORDS,
  type WindowLayout,
} from '../../../features/series-window.ts';
import { ownPlaces, SharedPlaces, type WordPlaces } from '../../../features/word-places.ts';
import type { Slab, SlabDefinition, SlabKin, SlabRow } from '../../../state/slab.ts';

/** Whether a series still speaks; `dead` ones are neither closed nor forecast. */
export type SeriesLife = 'alive' | 'stale' | 'dead';

/** One series of a task: views of its row, made once and kept while the task lives. */
export interface Series {
  readonly id: string;
  /** Counts the series of a task, from 0, in the order in which they were found or made. */
  readonly number: number;
  readonly row: SlabRow;
  readonly window: SeriesWindow;
  /** The chunk of closings that it is in, so that none holds a series twice. */
  chunk: number;
  /** Dead, and without an event ahead: no period is closed for it. */
  rests: boolean;
}

/**
 * Words of a row before the window's own header: period of the first event, period of the last
 * event that was closed, state. The ring follows in blocks of eight.
 */
const START = 0;
const LAST = 1;
const STATE = 2;
const OWN_WORDS = 3;
const HEADER_WORDS = Math.ceil((OWN_WORDS + WINDOW_HEADER_WORDS) / 8) * 8;
const HEADER_BYTES = HEADER_WORDS * 8;
const BLOCK_WORDS = 8;

const STATES: readonly SeriesLife[] = ['alive', 'stale', 'dead'];

const wordOf = ({ chunk, word }: SlabRow, index: number): number => chunk.f64[word + index] ?? 0;

const setWord = ({ chunk, word }: SlabRow, index: number, value: number): void => {
  chunk.f64[word + index] = value;
};

const layoutOf = (capacity: number, places: WordPlaces): WindowLayout => ({
  ...{ headerAt: OWN_WORDS, ringAt: HEADER_WORDS },
  ...{ capacity, places },
});

const windowOf = ({ chunk, word }: SlabRow, layout: WindowLayout): SeriesWindow =>
  new SeriesWindow({ words: chunk.f64, at: word }, layout);

const ROOM = /^series-windows-([1-9]\d*)@1$/;

/** Windows of another length: the latest values, as many as either holds. */
const kinOf = (room: string, capacity: number): SlabKin | undefined => {
  const [, digits] = ROOM.exec(room) ?? [];
  if (digits === undefined) return undefined;
  const old = layoutOf(Number(digits), ownPlaces);
  const layout = layoutOf(capacity, ownPlaces);
  return {
    definition: seriesStore(old.capacity),
    take: (from, to) => {
      for (let word = 0; word < OWN_WORDS; word += 1) setWord(to, word, wordOf(from, word));
      const values = windowOf(from, old);
      if (values.isEmpty) return;
      const window = windowOf(to, layout);
      const { head, first } = values;
      for (let period = Math.max(first, head - capacity + 1); period <= head; period += 1) {
        window.append(period, values.at(period));
      }
    },
  };
};

/**
 * The store of all windows. Another capacity is another layout, so it is part of the name; what
 * another one kept is taken over.
 */
export const seriesStore = (capacity: number): SlabDefinition => ({
  kind: 'slab',
  name: `series-windows-${capacity}`,
  version: 1,
  blockBytes: [
    HEADER_BYTES,
    ...Array.from({ length: Math.ceil(capacity / BLOCK_WORDS) }, () => BLOCK_WORDS * 8),
  ],
  kinOf: (room) => kinOf(room, capacity),
});

/** The series that a task owns, in the order in which periods are closed. */
export class SeriesTable {
  private readonly slab: Slab;
  private readonly layout: WindowLayout;
  private readonly byId = new Map<string, Series>();
  /** Those that do not rest. */
  private walked: Series[] = [];
  private isSorted = true;
  /** What was looked for last, and what was found. */
  private lastId: string | undefined;
  private last: Series | undefined;

  constructor(slab: Slab, capacity: number) {
    this.slab = slab;
    this.layout = layoutOf(capacity, new SharedPlaces());
    for (const id of slab.keys()) this.add(slab.row(id));
  }

  find(id: string): Series | undefined {
    // Asked for several times in a row: the very same string is told apart without a look at it.
    if (id !== this.lastId) {
      this.last = this.byId.get(id);
      this.lastId = id;
    }
    return this.last;
  }

  /** The series of an id; new when an event of it is seen for the first time, in `period`. */
  of(id: string, period: number): Series {
    const found = this.find(id);
    if (found !== undefined) return found;
    const series = this.add(this.slab.row(id));
    this.last = series;
    setWord(series.row, START, period);
    setWord(series.row, LAST, period);
    return series;
  }

  /** Those that do not rest, ascending by id, by UTF-16 code units: the same on every machine. */
  inOrder(): readonly Series[] {
    if (!this.isSorted) {
      this.walked.sort((one, other) => (one.id < other.id ? -1 : 1));
      this.isSorted = true;
    }
    return this.walked;
  }

  /** Leaves series out until they are roused, or the task begins its next life. */
  rest(some: readonly Series[]): void {
    if (some.length === 0) return;
    for (const series of some) series.rests = true;
    this.walked = this.walked.filter(({ rests }) => !rests);
  }

  rouse(series: Series): void {
    if (!series.rests) return;
    series.rests = false;
    this.walked.push(series);
    this.isSorted = false;
  }

  /** The period of the first event. Only while nothing is closed can an earlier one move it. */
  startOf({ row }: Series): number {
    return wordOf(row, START);
  }

  /** The earliest start of all that do not rest; Infinity for none. */
  earliestStart(): number {
    let earliest = Infinity;
    for (const series of this.walked) earliest = Math.min(earliest, this.startOf(series));
    return earliest;
  }

  beginAt(series: Series, period: number): void {
    if (period >= this.startOf(series) || !series.window.isEmpty) return;
    this.slab.touch(series.row, 0, HEADER_BYTES);
    setWord(series.row, START, period);
    setWord(series.row, LAST, period);
  }

  stateOf({ row }: Series): SeriesLife {
    return STATES[wordOf(row, STATE)] ?? 'alive';
  }

  setState(series: Series, state: SeriesLife): void {
    this.slab.touch(series.row, 0, HEADER_BYTES);
    setWord(series.row, STATE, STATES.indexOf(state));
  }

  /** The last closed period that had an event. */
  lastOf({ row }: Series): number {
    return wordOf(row, LAST);
  }

  /** Notes that a closed period had an event. */
  heard(series: Series, period: number): void {
    this.slab.touch(series.row, 0, HEADER_BYTES);
    setWord(series.row, LAST, period);
  }

  /**
   * Puts the value of a closed period at the head of the window; skipped periods get `fill`. A jump
   * beyond the ring begins the series anew.
   */
  append(series: Series, period: number, { value, fill }: { value: number; fill: number }): void {
    const { row, window } = series;
    this.slab.touch(row, 0, HEADER_BYTES);
    if (window.isEmpty || period === window.head + 1) this.touchSlot(row, period);
    else this.slab.touch(row, HEADER_BYTES, this.slab.rowBytes);
    if (!window.isEmpty && period - window.head >= window.capacity) setWord(row, START, period);
    window.append(period, value, fill);
  }

  /** Corrects a closed period; false when it has left the ring. */
  rewrite({ row, window }: Series, period: number, value: number): boolean {
    this.slab.touch(row, 0, HEADER_BYTES);
    this.touchSlot(row, period);
    return window.rewrite(period, value);
  }

  private touchSlot(row: SlabRow, period: number): void {
    const at = (HEADER_WORDS + slotOf(period, this.layout.capacity)) * 8;
    this.slab.touch(row, at, at + 8);
  }

  private add(row: SlabRow): Series {
    const series: Series = {
      id: row.key,
      number: this.byId.size,
      row,
      window: windowOf(row, this.layout),
      chunk: 0,
      rests: false,
    };
    this.byId.set(series.id, series);
    this.walked.push(series);
    this.isSorted = false;
    return series;
  }
}
