import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../../src/core/assert.ts';
import { seededRandom, type SeededRandom } from '../../../src/core/random.ts';
import {
  ownedWindow,
  SeriesWindow,
  WINDOW_HEADER_WORDS,
} from '../../../src/features/series-window.ts';
import { ownPlaces, SharedPlaces } from '../../../src/features/word-places.ts';

const windowOver = (words: Float64Array): SeriesWindow =>
  new SeriesWindow(
    { words, at: 0 },
    {
      headerAt: 0,
      ringAt: WINDOW_HEADER_WORDS,
      capacity: words.length - WINDOW_HEADER_WORDS,
      places: ownPlaces,
    },
  );

const read = (window: SeriesWindow, from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => window.at(from + index));

/** What a window should be: a map that forgets nothing, and a span. */
class WindowModel {
  readonly capacity: number;
  readonly values = new Map<number, number>();
  head: number;
  first: number;

  constructor(capacity: number, head: number) {
    this.capacity = capacity;
    this.head = head;
    this.first = head;
    this.values.set(head, 0);
  }

  append(ahead: number, value: number, fill: number): void {
    if (ahead >= this.capacity) this.first = this.head + ahead;
    for (let gap = 1; gap < ahead; gap += 1) this.values.set(this.head + gap, fill);
    this.head += ahead;
    this.values.set(this.head, value);
    this.first = Math.max(this.first, this.head - this.capacity + 1);
  }

  at(period: number): number {
    if (period < this.first || period > this.head) return Number.NaN;
    return this.values.get(period) ?? Number.NaN;
  }

  read(from: number, to: number): number[] {
    return Array.from({ length: to - from + 1 }, (_, index) => this.at(from + index));
  }
}

const correct = (window: SeriesWindow, model: WindowModel, random: SeededRandom): void => {
  const value = random.normal();
  const period = model.head - random.int(model.capacity + 2);
  const known = period >= model.first;
  expect(window.rewrite(period, value)).toBe(known);
  if (known) model.values.set(period, value);
};

const advance = (window: SeriesWindow, model: WindowModel, random: SeededRandom): void => {
  const value = random.normal();
  const ahead = 1 + random.int(random.next() < 0.1 ? 2 * model.capacity : 2);
  model.append(ahead, value, -1);
  window.append(model.head, value, -1);
};

describe('a series window', () => {
  it('is empty over zeroed memory', () => {
    const window = ownedWindow(4);
    expect(window.isEmpty).toBe(true);
    expect(window.at(0)).toBeNaN();
    expect(window.rewrite(0, 1)).toBe(false);
  });

  it('knows what was appended, fills what was skipped, and forgets what was lapped', () => {
    const window = ownedWindow(4);
    window.append(-2, 10);
    window.append(0, 12, 7);
    expect(read(window, -3, 1)).toEqual([Number.NaN, 10, 7, 12, Number.NaN]);
    window.append(1, 13);
    window.append(2, 14);
    expect([window.first, window.head, window.length]).toEqual([-1, 2, 4]);
    expect(read(window, -2, 2)).toEqual([Number.NaN, 7, 12, 13, 14]);
  });

  it('starts anew after a jump beyond the ring, and never shows old values', () => {
    const window = ownedWindow(4);
    for (let period = 0; period < 4; period += 1) window.append(period, period);
    window.append(7, 70);
    expect([window.first, window.head]).toEqual([7, 7]);
    expect(read(window, 3, 8)).toEqual([NaN, NaN, NaN, NaN, 70, NaN]);
    window.append(8, 80);
    expect(read(window, 6, 8)).toEqual([NaN, 70, 80]);
  });

  it('corrects known periods only', () => {
    const window = ownedWindow(3);
    for (let period = 5; period < 10; period += 1) window.append(period, period);
    expect(window.rewrite(8, 88)).toBe(true);
    expect(window.rewrite(6, 66)).toBe(false);
    expect(window.rewrite(10, 100)).toBe(false);
    expect(read(window, 6, 10)).toEqual([NaN, 7, 88, 9, NaN]);
  });

  it('refuses to append behind its head', () => {
    const window = ownedWindow(3);
    window.append(5, 1);
    expect(() => {
      window.append(5, 2);
    }).toThrow(AssertionFailed);
  });

  it('lies where its layout says, and writes nothing beside it', () => {
    const words = new Float64Array(14).fill(-1);
    words.fill(0, 3, 3 + WINDOW_HEADER_WORDS);
    const layout = { headerAt: 1, ringAt: 6, capacity: 4, places: ownPlaces };
    const window = new SeriesWindow({ words, at: 2 }, layout);
    for (let period = 5; period < 12; period += 1) window.append(period, period * 2);
    window.rewrite(10, 3);
    expect(read(window, 7, 12)).toEqual([Number.NaN, 16, 18, 3, 22, Number.NaN]);
    const beside = [0, 1, 2, 6, 7, 12, 13].map((at) => words[at]);
    expect(beside).toEqual([-1, -1, -1, -1, -1, -1, -1]);
    expect(() => new SeriesWindow({ words, at: 5 }, layout)).toThrow(AssertionFailed);
  });

  it('keeps for each of four readers what it remembers, zeroed at first', () => {
    const places = new SharedPlaces();
    const words = new Float64Array(16);
    const layout = { headerAt: 0, ringAt: 4, capacity: 4, places };
    const windows = [0, 8].map((at) => new SeriesWindow({ words, at }, layout));
    const readers = Array.from({ length: 5 }, () => ({}));
    const kept = (reader: object): (number | undefined)[] =>
      windows.map((window) => {
        const memory = window.memoryOf(reader, 2);
        return memory.words[memory.at + 1];
      });
    for (const [index, reader] of readers.entries()) {
      expect(kept(reader)).toEqual([0, 0]);
      for (const window of windows) {
        const memory = window.memoryOf(reader, 2);
        memory.words.fill(index + 1, memory.at, memory.at + 2);
      }
      expect(kept(reader)).toEqual([index + 1, index + 1]);
    }
    expect(readers.slice(1).map(kept)).toEqual([2, 3, 4, 5].map((said) => [said, said]));
    // The first one had to give way, and begins anew.
    expect(readers.slice(0, 1).map(kept)).toEqual([[0, 0]]);
  });

  it('has no state but its bytes', () => {
    const words = new Float64Array(WINDOW_HEADER_WORDS + 8);
    const window = windowOver(words);
    for (let period = 0; period < 11; period += 1) window.append(period, period * 2);
    const again = windowOver(words.slice());
    expect(read(again, 0, 12)).toEqual(read(window, 0, 12));
    again.append(11, 22);
    window.append(11, 22);
    expect(read(again, 0, 12)).toEqual(read(window, 0, 12));
  });

  it('changes its epoch when values behind the head may have changed, not on an append', () => {
    const words = new Float64Array(WINDOW_HEADER_WORDS + 8);
    const window = windowOver(words);
    window.append(0, 1);
    const { epoch } = window;
    window.append(1, 2);
    expect(window.epoch).toBe(epoch);
    window.rewrite(0, 5);
    const rewritten = window.epoch;
    expect(rewritten).not.toBe(epoch);
    const before = words.slice();
    window.append(2, 3);
    words.set(before);
    // An undo that is followed by as many changes as it undid is noticed too.
    window.append(2, 4);
    expect(window.epoch).not.toBe(rewritten);
  });

  it('equals a plain map for random appends and corrections', () => {
    const random = seededRandom('window');
    let compared = 0;
    for (let run = 0; run < 50; run += 1) {
      const capacity = 1 + random.int(12);
      const window = ownedWindow(capacity);
      const model = new WindowModel(capacity, random.int(100) - 50);
      window.append(model.head, 0);
      for (let step = 0; step < 60; step += 1) {
        if (random.next() < 0.3) correct(window, model, random);
        else advance(window, model, random);
        const from = model.head - 2 * capacity;
        expect(read(window, from, model.head + 2)).toEqual(model.read(from, model.head + 2));
        compared += 2 * capacity + 3;
      }
    }
    expect(compared).toBeGreaterThan(10_000);
  });
});
