import { describe, expect, it } from 'vitest';
import { parseFrequency } from '../../../src/core/frequency.ts';
import { aggregation, type AggregateState } from '../../../src/features/aggregation.ts';
import { naiveOpponents } from '../../../src/features/naive-opponents.ts';
import { ownedWindow, type SeriesWindow } from '../../../src/features/series-window.ts';
import {
  oracleFixture,
  periodAt,
  planOf,
  windowOf,
  type OracleFixture,
} from '../../support/oracle-fixture.ts';

/** Largest difference, relative to values above 1, and how many numbers were compared. */
const differences = (
  names: readonly string[],
  actual: Float64Array,
  expected: readonly (number | null)[],
): string[] =>
  names.flatMap((name, index) => {
    const value = actual[index] ?? Number.NaN;
    const wanted = expected[index] ?? null;
    if (wanted === null) return Number.isNaN(value) ? [] : [`${name}: ${value}, not missing`];
    const apart = Math.abs(value - wanted);
    return apart <= 1e-9 * Math.max(1, Math.abs(wanted))
      ? []
      : [`${name}: ${value}, not ${wanted}`];
  });

const compare = (fixture: OracleFixture, window: SeriesWindow): number => {
  const plan = planOf(fixture);
  const opponents = naiveOpponents(fixture.options);
  expect(plan.names).toEqual(fixture.names);
  const naiveNames = Array.from({ length: fixture.options.horizon }, (_, step) =>
    opponents.names.map((name) => `${name}@${step + 1}`),
  ).flat();
  const row = new Float64Array(plan.width);
  const naive = new Float64Array(naiveNames.length);
  let compared = 0;
  for (const expected of fixture.rows) {
    const origin = periodAt(fixture, expected.origin);
    plan.write(window, origin, row, 0);
    opponents.write(window, origin, naive, 0);
    const wrong = [
      ...differences(plan.names, row, expected.row),
      ...differences(naiveNames, naive, expected.naive),
    ];
    expect(wrong, expected.origin).toEqual([]);
    compared += expected.row.filter((value) => value !== null).length;
    compared += expected.naive.filter((value) => value !== null).length;
  }
  return compared;
};

/** The hourly means of events, folded while their hour is open and appended when it closes. */
const aggregatedWindow = (fixture: OracleFixture, capacity: number): SeriesWindow => {
  const frequency = parseFrequency(fixture.options.frequency);
  const mean = aggregation('mean');
  const open = new Map<number, AggregateState>();
  let eventTimeMs = fixture.startMs ?? 0;
  for (const [seconds, value] of fixture.events ?? []) {
    eventTimeMs += seconds * 1_000;
    const period = frequency.periodOf(eventTimeMs);
    const state = open.get(period) ?? mean.initial();
    open.set(period, state);
    mean.fold(state, { eventTimeMs, value });
  }
  const window = ownedWindow(capacity);
  for (const period of [...open.keys()].sort((one, other) => one - other)) {
    window.append(period, mean.value(open.get(period) ?? mean.initial()));
  }
  return window;
};

describe('feature rows equal what pandas computes from time stamps', () => {
  it.each([
    ['flights-new-york-spring', 7 * 400],
    ['bike-berlin-spring', 5 * 400],
    ['bike-berlin-autumn', 5 * 400],
    ['taxi-new-york-autumn', 4 * 800],
    ['flights-daily', 6 * 60],
  ])('of %s, however the values arrived', (name, least) => {
    const fixture = oracleFixture(name);
    const { lookback } = planOf(fixture);
    const compared = compare(fixture, windowOf(fixture, lookback + 200));
    expect(compared).toBeGreaterThan(least);
  });

  it('of five-minute readings with repeated and backward stamps, as hourly means', () => {
    const fixture = oracleFixture('machine-hourly-mean');
    const backwards = fixture.events?.filter(([seconds]) => seconds <= 0) ?? [];
    expect(backwards.length).toBeGreaterThan(1);
    expect(compare(fixture, aggregatedWindow(fixture, 1_000))).toBeGreaterThan(4 * 200);
  });

  it('has fixtures with late, repeated and corrected values and with gaps', () => {
    const { arrivals = [] } = oracleFixture('bike-berlin-spring');
    const indices = arrivals.map(([index]) => index);
    const late = indices.filter((index, at) => at > 0 && index < (indices[at - 1] ?? 0));
    const distinct = new Set(indices);
    expect(late.length).toBeGreaterThan(50);
    expect(indices.length - distinct.size).toBeGreaterThan(30);
    expect(Math.max(...indices) + 1 - distinct.size).toBeGreaterThan(10);
  });
});
