import { describe, expect, it } from 'vitest';
import { parseFrequency } from '../../src/core/frequency.ts';
import { seededRandom, type SeededRandom } from '../../src/core/random.ts';
import { defaultFeatures } from '../../src/features/default-features.ts';
import { compileFeatures, type FeaturePlan } from '../../src/features/feature-plan.ts';
import {
  SeriesWindow,
  WINDOW_HEADER_WORDS,
  type WindowLayout,
} from '../../src/features/series-window.ts';
import { SharedPlaces } from '../../src/features/word-places.ts';
import type { FeatureSchema } from '../../src/schemas/feature-schema.ts';

interface Shape {
  readonly frequency: string;
  readonly timeZone: string;
  readonly seasons: readonly number[];
  readonly horizon: number;
  readonly from: string;
}

const schemaOf = ({ frequency, timeZone, seasons, horizon }: Shape): FeatureSchema =>
  defaultFeatures({
    frequency,
    timeZone,
    seasons,
    horizon,
    holidays: null,
    lags: [1, 2, 5],
    rolling: { windows: [3, 40, 90], statistics: ['mean', 'std', 'min', 'max'] },
    calendar: ['hour', 'dayofweek', 'month', 'is_weekend'],
  });

const shape = (text: string, seasons: readonly number[], horizon: number): Shape => {
  const [frequency = '', timeZone = '', from = ''] = text.split(' ');
  return { frequency, timeZone, from, seasons, horizon };
};

/** Zones while their clock changes and one that has none; a horizon beyond the season. */
const SHAPES: readonly (readonly [string, Shape])[] = [
  shape('1h UTC 2023-05-01', [24], 30),
  shape('6h Europe/Berlin 2023-03-01', [4, 28], 9),
  shape('1h America/New_York 2001-03-28', [24], 24),
  shape('1h Europe/Berlin 2023-10-20', [24], 26),
  shape('30m Australia/Lord_Howe 2023-09-25', [48], 12),
  shape('1d America/Sao_Paulo 2016-10-01', [7], 8),
  shape('1mo UTC 1990-01-01', [12], 14),
  shape('5m UTC 2024-02-28', [], 3),
].map((it) => [`${it.frequency} in ${it.timeZone}`, it]);

const startOf = ({ frequency, timeZone, from }: Shape): number =>
  parseFrequency(frequency, timeZone).periodOf(Date.parse(from));

/** Words of a store's row: something else, a window's header, something else, its ring. */
interface Memory {
  readonly words: Float64Array;
  readonly layout: WindowLayout;
}

const FROM = 3;
const HEADER_AT = 2;
const RING_AT = HEADER_AT + WINDOW_HEADER_WORDS + 2;

const memoryFor = (capacity: number, places = new SharedPlaces()): Memory => ({
  words: new Float64Array(FROM + RING_AT + capacity + 1),
  layout: { headerAt: HEADER_AT, ringAt: RING_AT, capacity, places },
});

const windowOver = ({ words, layout }: Memory): SeriesWindow =>
  new SeriesWindow({ words, at: FROM }, layout);

const copyOf = ({ words, layout }: Memory): Memory => ({
  words: words.slice(),
  layout: { ...layout, places: new SharedPlaces() },
});

const rowOf = (plan: FeaturePlan, window: SeriesWindow, origin: number): Float64Array => {
  const row = new Float64Array(plan.width);
  plan.write(window, origin, row, 0);
  return row;
};

/** Counts with a level, a season, gaps and now and then something wild. */
const valueAt = (random: SeededRandom, period: number): number => {
  const kind = random.next();
  if (kind < 0.05) return Number.NaN;
  if (kind < 0.06) return 1e9;
  return Math.max(0, Math.round(50 + 40 * Math.sin(period / 4) + 10 * random.normal()));
};

/** Clocks change before this many steps, so a jump does not pass over it. */
const JUMPS_FROM = 400;

const change = (window: SeriesWindow, random: SeededRandom, step: number): void => {
  const kind = random.next();
  const { head, capacity } = window;
  if (kind < 0.03) window.rewrite(head - random.int(capacity), valueAt(random, head));
  const ahead =
    kind > 0.99 && step > JUMPS_FROM ? capacity + 2 : kind > 0.95 ? 1 + random.int(4) : 1;
  window.append(head + ahead, valueAt(random, head + ahead), kind > 0.97 ? 0 : Number.NaN);
};

describe('a feature row', () => {
  it.each(SHAPES)(
    'of %s is the same online as from the bare window, whatever happened before',
    (name, it) => {
      const schema = schemaOf(it);
      const online = compileFeatures(schema);
      const random = seededRandom(name);
      const memory = memoryFor(online.lookback + 1);
      const window = windowOver(memory);
      window.append(startOf(it), 1);
      let compared = 0;
      let undone = 0;
      for (let step = 0; step < 700; step += 1) {
        const before = random.next() < 0.05 ? copyOf(memory) : undefined;
        change(window, random, step);
        if (before !== undefined) {
          rowOf(online, window, window.head);
          memory.words.set(before.words);
          undone += 1;
          // As when a batch is run again without one of its records.
          if (random.next() < 0.5) change(window, random, step);
        }
        const row = rowOf(online, window, window.head);
        if (step % 2 !== 0 && before === undefined) continue;
        const cold = rowOf(compileFeatures(schema), windowOver(copyOf(memory)), window.head);
        expect(row).toEqual(cold);
        compared += row.filter((value) => !Number.isNaN(value)).length;
      }
      expect(undone).toBeGreaterThan(10);
      expect(compared).toBeGreaterThan(100 * 20);
    },
  );

  it.each(SHAPES)(
    'of %s does not change with what comes after its origin, nor with the ring it is in',
    (name, it) => {
      const plan = compileFeatures(schemaOf(it));
      const random = seededRandom(`leak ${name}`);
      const start = startOf(it);
      const values = Array.from({ length: plan.lookback + 400 }, (_, index) =>
        valueAt(random, index),
      );
      const future = windowOver(memoryFor(values.length));
      for (const [index, value] of values.entries()) future.append(start + index, value);
      let compared = 0;
      for (let trial = 0; trial < 40; trial += 1) {
        const known = 2 + random.int(values.length - 60);
        const past = windowOver(memoryFor(plan.lookback + 1));
        for (let index = 0; index < known; index += 1)
          past.append(start + index, values[index] ?? 0);
        for (let period = start + known; period <= future.head; period += 1) {
          future.rewrite(period, random.normal() * 1e6);
        }
        const expected = rowOf(plan, past, past.head);
        expect(rowOf(plan, future, past.head)).toEqual(expected);
        compared += expected.filter((value) => !Number.isNaN(value)).length;
        for (const [index, value] of values.entries()) future.rewrite(start + index, value);
      }
      expect(compared).toBeGreaterThan(40 * 20);
    },
  );

  it('of two plans and many windows in turn does not mix them up', () => {
    const hourly = compileFeatures(schemaOf(shape('1h UTC', [24], 6)));
    const other = compileFeatures(schemaOf(shape('1h UTC', [12], 6)));
    const random = seededRandom('many');
    const places = new SharedPlaces();
    const memories = Array.from({ length: 5 }, () => memoryFor(hourly.lookback + 50, places));
    const windows = memories.map(windowOver);
    for (const window of windows) window.append(480_000, 3);
    let compared = 0;
    for (let step = 0; step < 400; step += 1) {
      for (const [index, window] of windows.entries()) {
        window.append(window.head + 1, valueAt(random, step));
        const plan = random.next() < 0.5 ? hourly : other;
        const memory = memories[index] ?? memoryFor(1);
        const cold = rowOf(compileFeatures(plan.schema), windowOver(copyOf(memory)), window.head);
        if (step % 10 === 0) expect(rowOf(plan, window, window.head)).toEqual(cold);
        else rowOf(plan, window, window.head);
        compared += 1;
      }
    }
    expect(compared).toBe(2_000);
  });
});
