import { describe, expect, it } from 'vitest';
import { TaskState } from '../../../src/state/task-state.ts';
import {
  SeriesTable,
  seriesStore,
  type Series,
} from '../../../src/streams/topologies/forecasting/series-table.ts';

const tableOf = (state: TaskState, capacity: number): SeriesTable =>
  new SeriesTable(state.slab(seriesStore(capacity)), capacity);

/** A table with one series: its first event in `start`, and closed periods from there to `head`. */
const filled = (capacity: number, { start, head }: { start: number; head: number }): TaskState => {
  const state = new TaskState([seriesStore(capacity)]);
  const table = tableOf(state, capacity);
  const series = table.of('a', start);
  for (let period = start; period <= head; period += 1) {
    const value = period % 5 === 0 ? Number.NaN : period * 1.5;
    table.append(series, period, { value, fill: Number.NaN });
  }
  table.heard(series, head - 1);
  table.setState(series, 'stale');
  return state;
};

/** The same under another capacity, by way of the changelog. */
const resized = (from: TaskState, capacity: number): { table: SeriesTable; deleted: string[] } => {
  const state = new TaskState([seriesStore(capacity)]);
  from.visitTouched((prefix, key, bytes) => {
    state.restore(`${prefix.toString()}${key}`, bytes);
  });
  const deleted: string[] = [];
  state.takeOverKin((prefix, key) => deleted.push(`${prefix.toString()}${key}`));
  return { table: tableOf(state, capacity), deleted };
};

const seriesIn = (table: SeriesTable): Series => {
  const [series] = table.inOrder();
  if (series === undefined) throw new Error('there is one series');
  return series;
};

const periods = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('windows of another capacity', () => {
  it.each([
    { was: 20, is: 27, head: 63 },
    { was: 20, is: 13, head: 63 },
    { was: 20, is: 40, head: 7 },
    { was: 20, is: 21, head: -3 },
    { was: 8, is: 9, head: 400 },
  ])('keep what both hold: $was to $is, up to period $head', ({ was, is, head }) => {
    const before = filled(was, { start: -4, head });
    const { table, deleted } = resized(before, is);
    const series = seriesIn(table);
    const { window } = series;
    const known = Math.min(was, is, head + 5);
    expect([window.head, window.length, window.capacity]).toEqual([head, known, is]);
    const old = seriesIn(tableOf(before, was)).window;
    for (const period of periods(window.first, head)) {
      expect(window.at(period)).toBe(old.at(period));
    }
    expect([table.startOf(series), table.lastOf(series), table.stateOf(series)]).toEqual([
      ...[-4, head - 1, 'stale'],
    ]);
    expect(deleted).toHaveLength(seriesStore(was).blockBytes.length);
    expect(new Set(deleted.map((key) => key.split('/')[0]))).toEqual(
      new Set([`series-windows-${was}@1`]),
    );
    table.append(series, head + 1, { value: 7, fill: 0 });
    expect([window.at(head + 1), window.length]).toEqual([7, Math.min(known + 1, is)]);
  });

  it('keep a series of which nothing is closed yet', () => {
    const before = new TaskState([seriesStore(20)]);
    tableOf(before, 20).of('a', 12);
    const { table } = resized(before, 25);
    expect(seriesIn(table).window.isEmpty).toBe(true);
    expect(table.earliestStart()).toBe(12);
  });
});
