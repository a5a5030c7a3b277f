import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../src/log/log.ts';
import {
  completeTo,
  forecastingDriver,
  HOUR_MS,
  observed,
  sentTo,
  SERDES,
} from '../support/forecasting-driver.ts';
import type { FedRecord } from '../support/topology-driver.ts';

const START = Date.UTC(2024, 0, 1);
const at = (hours: number): number => START + hours * HOUR_MS;
const hourOf = (timeMs: number): number => (timeMs - START) / HOUR_MS;
const value = (hour: number, said: number | null): FedRecord =>
  observed('a', at(hour), { value: said });
const corrected = (hour: number, said: number | null, late: number): FedRecord =>
  observed('a', at(hour), { value: said, late: at(late) });

const forecastsOf = (sent: readonly OutgoingRecord[]) => sentTo(sent, 'forecasts', SERDES.forecast);
const lateOf = (sent: readonly OutgoingRecord[]) => sentTo(sent, 'late', SERDES.late);
const scoresOf = (sent: readonly OutgoingRecord[]) =>
  sentTo(sent, 'scores', SERDES.score).map((score) => ({
    target: hourOf(score.target),
    actual: score.actual,
    revision: score.revision,
    superseded: score.supersededActual,
    means: score.steps.map(({ mean }) => mean),
  }));

const driven = (ringPeriods?: number) =>
  forecastingDriver({
    aggregate: 'none',
    horizon: 3,
    ...(ringPeriods === undefined ? {} : { ringPeriods }),
  });

describe('a correction of values that are not aggregated', () => {
  it('supersedes the scores of its target and moves later forecasts alone', async () => {
    const driver = driven();
    const before = await driver.feed([value(0, 1), value(1, 2), value(2, 3), completeTo(at(3))]);
    expect(scoresOf(before).map(({ target }) => target)).toEqual([1, 2]);
    const sent = await driver.feed([corrected(2, 9, 3)]);
    // The steps from hours 0 and 1, as they were issued.
    expect(scoresOf(sent)).toEqual([
      { target: 2, actual: 9, revision: 1, superseded: 3, means: [2, 1] },
    ]);
    expect(forecastsOf(sent)).toEqual([]);
    const again = await driver.feed([corrected(2, 8, 3), completeTo(at(4))]);
    expect(scoresOf(again)).toEqual([
      { target: 2, actual: 8, revision: 2, superseded: 9, means: [2, 1] },
    ]);
    expect(forecastsOf(again).map(({ mean }) => mean[0])).toEqual([8]);
    expect(lateOf(driver.sent)).toEqual([]);
  });

  it('by the same value changes nothing', async () => {
    const driver = driven();
    await driver.feed([value(0, 1), value(1, 2), completeTo(at(2))]);
    expect(await driver.feed([corrected(1, 2, 2)])).toEqual([]);
  });

  it('of a missing value is its first score', async () => {
    const driver = driven();
    await driver.feed([value(0, 1), value(1, null), completeTo(at(2))]);
    const sent = await driver.feed([corrected(1, 7, 2)]);
    expect(scoresOf(sent)).toEqual([
      { target: 1, actual: 7, revision: 0, superseded: null, means: [1] },
    ]);
  });

  it('teaches intervals nothing: what is taken back leaves no trace in them', async () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6].map((one, hour) => value(hour, one));
    const [calm, moved] = [driven(), driven()];
    await calm.feed([...values, completeTo(at(8))]);
    await moved.feed([...values, completeTo(at(8))]);
    const scored = await moved.feed([corrected(7, 60, 8), corrected(7, 6, 8)]);
    expect(scoresOf(scored).map(({ revision }) => revision)).toEqual([1, 2]);
    const next = [value(8, 5), completeTo(at(9))];
    const expected = forecastsOf(await calm.feed(next));
    expect(expected).toHaveLength(1);
    const found = forecastsOf(await moved.feed(next));
    expect(found.map(({ intervals }) => intervals)).toEqual(
      expected.map(({ intervals }) => intervals),
    );
  });

  it('that withdraws a value is superseded in turn, by what was scored last', async () => {
    const driver = driven();
    await driver.feed([value(0, 1), value(1, 5), completeTo(at(2))]);
    expect(scoresOf(await driver.feed([corrected(1, null, 2)]))).toEqual([]);
    expect(scoresOf(await driver.feed([corrected(1, 7, 2)]))).toEqual([
      { target: 1, actual: 7, revision: 1, superseded: 5, means: [1] },
    ]);
  });

  it('waits for the closings that are owed, and for no others', async () => {
    const driver = driven();
    await driver.feed([value(0, 1), value(1, 2), completeTo(at(2))]);
    const sent = await driver.feed([
      value(2, 3),
      completeTo(at(3)),
      corrected(1, 6, 3),
      value(3, 4),
      completeTo(at(4)),
    ]);
    expect(scoresOf(sent).map(({ target, revision }) => [target, revision])).toEqual([
      [2, 0],
      [1, 1],
      [3, 0],
    ]);
  });

  it('for a period that other partitions hold open waits without asking for more', async () => {
    const driver = driven();
    await driver.feed([
      value(0, 1),
      completeTo(at(1), { partition: 0, of: 2 }),
      completeTo(at(5), { partition: 1, of: 2 }),
    ]);
    expect(await driver.feed([corrected(2, 6, 5)])).toEqual([]);
    const sent = await driver.feed([value(2, 4), completeTo(at(3), { partition: 0, of: 2 })]);
    expect(scoresOf(sent).map(({ actual, revision }) => [actual, revision])).toEqual([
      [4, 0],
      [6, 1],
    ]);
  });

  it('goes aside when its period left the ring, or its series began later', async () => {
    const driver = driven();
    const ring = driver.topology.stores[0]?.name ?? '';
    const capacity = Number(/\d+$/.exec(ring)?.[0]);
    await driver.feed([value(5, 1), completeTo(at(6))]);
    const early = await driver.feed([
      corrected(4, 9, 6),
      observed('b', at(4), { value: 1, late: at(6) }),
    ]);
    expect(lateOf(early).map(({ observation }) => observation.seriesId)).toEqual(['a', 'b']);
    await driver.feed([value(5 + capacity, 2), completeTo(at(6 + capacity))]);
    const sent = await driver.feed([corrected(5, 9, 6 + capacity)]);
    expect(lateOf(sent).map(({ observation }) => observation.value)).toEqual([9]);
  });

  it('that waited for a period which nobody closed for its series goes aside too', async () => {
    const driver = forecastingDriver({
      ...{ aggregate: 'none', horizon: 3 },
      ...{ staleAfterMs: HOUR_MS, deadAfterMs: 2 * HOUR_MS },
    });
    await driver.feed([value(0, 1), completeTo(at(6))]);
    const sent = await driver.feed([completeTo(at(7)), corrected(5, 9, 7)]);
    expect(lateOf(sent).map(({ observation }) => observation.value)).toEqual([9]);
  });
});

describe('corrections that wait for a period', () => {
  const heldUntil5 = async () => {
    const driver = driven();
    await driver.feed([
      ...[0, 1, 2].map((hour) => value(hour, 1)),
      completeTo(at(3), { partition: 0, of: 2 }),
      completeTo(at(9), { partition: 1, of: 2 }),
    ]);
    return driver;
  };
  const released = completeTo(at(9), { partition: 0, of: 2 });

  it('are each written once, by the commit that they came with', async () => {
    const driver = await heldUntil5();
    const heldKeys = () =>
      [...driver.changelog.keys()].filter((key) => key.includes('held-corrections'));
    await driver.feed([corrected(4, 6, 9)]);
    const [first = ''] = heldKeys();
    const written = driver.changelog.get(first);
    await driver.feed([corrected(4, 7, 9), corrected(3, 8, 9)]);
    expect(heldKeys()).toHaveLength(3);
    expect(driver.changelog.get(first)).toBe(written);
    await driver.feed([released]);
    expect(heldKeys()).toEqual([]);
  });

  it('take effect by the order of their periods, then as they came, in any life', async () => {
    const sent = await Promise.all(
      [false, true].map(async (crashes) => {
        const driver = await heldUntil5();
        for (const one of [corrected(4, 6, 9), corrected(3, 8, 9), corrected(4, 7, 9)]) {
          await driver.feed([value(3, 2), value(4, 2), one]);
          if (crashes) driver.revive();
        }
        return scoresOf(await driver.feed([released]));
      }),
    );
    const revised = (sent[0] ?? []).filter(({ revision }) => revision > 0);
    expect(revised.map(({ target, actual, superseded }) => [target, actual, superseded])).toEqual([
      [3, 8, 2],
      [4, 6, 2],
      [4, 7, 6],
    ]);
    expect(sent[1]).toEqual(sent[0]);
  });
});

describe('a source that is keyed by series', () => {
  const keyed = () => forecastingDriver({ aggregate: 'none', horizon: 3, isKeyed: true });

  it('closes each period on arrival, and a gap of missing values', async () => {
    const driver = keyed();
    const sent = await driver.feed([value(0, 1), value(1, 2), value(4, 5)]);
    expect(forecastsOf(sent).map(({ origin }) => hourOf(origin))).toEqual([0, 1, 4]);
    expect(scoresOf(sent).map(({ target, means }) => [target, means])).toEqual([
      [1, [1]],
      [4, [2]],
    ]);
    const told = sent.filter((record) => record.value === null);
    expect(told.map(({ headers }) => hourOf(Number(headers?.['watermark'])))).toEqual([0, 1, 4]);
  });

  it('corrects what came before, in the order of the log', async () => {
    const driver = keyed();
    const sent = await driver.feed([value(0, 1), value(1, 2), value(0, 7), value(1, 3)]);
    expect(scoresOf(sent)).toEqual([
      { target: 1, actual: 2, revision: 0, superseded: null, means: [1] },
      { target: 1, actual: 3, revision: 1, superseded: 2, means: [1] },
    ]);
    expect(lateOf(await driver.feed([value(-1, 4)]))).toHaveLength(1);
  });
});
