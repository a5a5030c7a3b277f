import { describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/core/murmur2.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import { valuesOf } from '../support/quality-topologies.ts';
import {
  accuracy,
  at,
  DAY,
  drift,
  modelRecord,
  NOW,
  POSITIONS,
  promoted,
  rejected,
  requestsIn,
  retrainingDriver,
  SERDES,
  served,
  START,
  trained,
} from '../support/retraining-topologies.ts';

const reasonsOf = (records: readonly OutgoingRecord[]): string[] =>
  requestsIn(records).map(({ reason }) => reason);

const ticksIn = (records: readonly OutgoingRecord[]) =>
  valuesOf(records, 's.decisions', SERDES.decision);

describe('retraining', () => {
  it('asks for a first model once something was scored, of all that is complete', async () => {
    const task = retrainingDriver();
    expect(await task.feed([], at(0))).toEqual([]);
    const sent = await task.feed([accuracy({ day: 3, kind: '1d' })], at(0));
    const [request, ...others] = requestsIn(sent);
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      model: 'm',
      stream: 's',
      reason: 'schedule',
      trainingWindow: {
        start: START - 27 * DAY,
        end: START + 3 * DAY,
        offsets: POSITIONS,
      },
    });
    expect(request?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(request?.evidence ?? '')).toEqual({
      ...{ dataUntil: START + 3 * DAY, everyDays: 7, lastDataUntil: null, requests: 0 },
    });
    expect(sent[0]).toMatchObject({ partition: partitionOf(Buffer.from('m'), 4) });
    expect(sent[0]?.key?.toString()).toBe('m');
  });

  it('ignores accuracy of a series, which may be there before others are complete', async () => {
    expect(await retrainingDriver().feed([accuracy({ day: 3, scope: 'series:a' })])).toEqual([]);
  });

  it('has one request outstanding, until it is answered', async () => {
    const task = retrainingDriver();
    const [first] = requestsIn(await task.feed([accuracy({ day: 0 })], at(0)));
    expect(await task.feed([accuracy({ day: 8 })], at(0.5))).toEqual([]);
    expect(await task.feed([modelRecord(rejected('', 'of-another'))], at(0.5))).toEqual([]);
    expect(await task.feed([accuracy({ day: 9 })], at(0.5))).toEqual([]);
    await task.feed([modelRecord(trained('aa', { requestId: first?.id ?? '' }))], at(0.5));
    expect(await task.feed([accuracy({ day: 10 })], at(0.5))).toEqual([]);
    // With the answer what came meanwhile is weighed, as it may be the last that comes.
    const answer = modelRecord(rejected('aa', first?.id ?? ''));
    const [second] = requestsIn(await task.feed([answer], at(0.5)));
    expect(second?.trainingWindow.end).toBe(START + 10 * DAY);
    expect(second?.reason).toBe('schedule');
    expect(second?.id).not.toBe(first?.id);
  });

  it('asks at once when the champion has other features than the stream', async () => {
    const before = await served();
    const task = retrainingDriver({ schemaHash: 'other' });
    for (const [key, value] of before.changelog) task.changelog.set(key, value);
    task.revive();
    const [request] = requestsIn(await task.feed([accuracy({ day: 0.1 })], at(0.1)));
    expect(request?.reason).toBe('schedule');
    const requestId = request?.id ?? '';
    await task.feed([modelRecord(rejected('', requestId))], at(0.1));
    expect(requestsIn(await task.feed([accuracy({ day: 0.2 })], at(0.2)))).toEqual([]);
    // Nothing serves: by event time, however little the clock moves.
    const later = [accuracy({ day: 7.1 })];
    expect(reasonsOf(await task.feed(later, at(0.2)))).toEqual(['schedule']);
  });

  it('asks by the clock, and records that it looked', async () => {
    const task = await served();
    await task.feed([accuracy({ day: 1, sha256: 'aa' })], at(1));
    expect(await task.feed([], at(6.9))).toEqual([]);
    const sent = await task.feed([], at(7));
    expect(reasonsOf(sent)).toEqual(['schedule']);
    expect(ticksIn(sent)).toMatchObject([
      { type: 'ScheduleTick', schedule: 'retraining', task: 'retraining.0', tickAt: NOW + 7 * DAY },
    ]);
    expect(sent[0]?.key?.toString()).toBe('retraining.0');
    expect(await task.feed([], at(7.1))).toEqual([]);
  });

  it('does not ask by the clock while the data stand still', async () => {
    const task = await served();
    expect(await task.feed([], at(70))).toEqual([]);
    await task.feed([accuracy({ day: 0.9, sha256: 'aa' })], at(70));
    expect(requestsIn(task.sent)).toHaveLength(1);
    expect(reasonsOf(await task.feed([accuracy({ day: 1, sha256: 'aa' })], at(70)))).toEqual([
      'schedule',
    ]);
  });

  it('starts its spans anew when the clock is set back', async () => {
    const task = await served();
    await task.feed([accuracy({ day: 5, sha256: 'aa' })], at(-100));
    expect(await task.feed([], at(-93.1))).toEqual([]);
    expect(reasonsOf(await task.feed([], at(-93)))).toEqual(['schedule']);
  });

  it('asks when the champion breaches a threshold over the window that decides', async () => {
    const task = await served();
    const bad = { day: 4, wape: 0.2, sha256: 'aa' };
    expect(await task.feed([accuracy({ ...bad, kind: '1d' })], at(4))).toEqual([]);
    expect(await task.feed([accuracy({ ...bad, sha256: 'bb' })], at(4))).toEqual([]);
    expect(await task.feed([accuracy({ ...bad, spanDays: 6 })], at(4))).toEqual([]);
    const [request] = requestsIn(await task.feed([accuracy(bad)], at(4)));
    expect(request?.reason).toBe('accuracy');
    expect(JSON.parse(request?.evidence ?? '')).toMatchObject({
      sha256: 'aa',
      checks: [{ metric: 'wapePercent', value: 20, limit: 15 }],
      requests: 1,
    });
  });

  it('waits with a breach for the end of the cool-down, and forgets one that is over', async () => {
    const task = await served();
    const week = (day: number, wape: number) => accuracy({ day, wape, sha256: 'aa' });
    expect(await task.feed([week(2, 0.2)], at(2))).toEqual([]);
    expect(await task.feed([week(2.5, 0.1)], at(2.5))).toEqual([]);
    expect(await task.feed([week(4, 0.1)], at(4))).toEqual([]);
    // A correction of an older week says nothing of today.
    expect(await task.feed([week(2, 0.3)], at(4))).toEqual([]);
    expect(reasonsOf(await task.feed([week(5, 0.2)], at(5)))).toEqual(['accuracy']);
    expect(await task.feed([week(6, 0.2)], at(6))).toEqual([]);
  });

  it('asks when drift is confirmed, even if the cool-down must pass first', async () => {
    const task = await served();
    await task.feed([drift('e1', 'suspected'), drift('e2', 'confirmed')], at(1));
    await task.feed([drift('e3', 'confirmed'), drift('e3', 'cleared')], at(1));
    expect(requestsIn(task.sent)).toHaveLength(1);
    const [request] = requestsIn(await task.feed([accuracy({ day: 3, sha256: 'aa' })], at(3)));
    expect(request?.reason).toBe('drift');
    expect(JSON.parse(request?.evidence ?? '')).toMatchObject({
      episodes: 1,
      shown: [{ episodeId: 'e2', scope: 'series:a', effectSize: 0.5 }],
    });
    expect(await task.feed([accuracy({ day: 6.5, sha256: 'aa' })], at(6.5))).toEqual([]);
  });

  it('gives a new champion a clean slate, but not one whose promotion is void', async () => {
    const task = await served();
    await task.feed([drift('e1', 'confirmed')], at(1));
    await task.feed([modelRecord(trained('bb')), modelRecord(promoted('bb', 'gone'))], at(1));
    await task.feed([modelRecord(promoted('bb', 'aa', { decidedAt: NOW + 2 * DAY }))], at(2));
    expect(await task.feed([accuracy({ day: 4, sha256: 'bb' })], at(4))).toEqual([]);
    const voided = await served();
    await voided.feed([drift('e1', 'confirmed')], at(1));
    await voided.feed([modelRecord(trained('bb')), modelRecord(promoted('bb', 'gone'))], at(1));
    const sent = await voided.feed([accuracy({ day: 4, sha256: 'aa' })], at(4));
    expect(reasonsOf(sent)).toEqual(['drift']);
  });

  it('listens to its own stream alone', async () => {
    const task = retrainingDriver();
    const [request] = requestsIn(await task.feed([accuracy({ day: 0 })], at(0)));
    const requestId = request?.id ?? '';
    await task.feed([modelRecord({ ...rejected('', requestId), stream: 'other' })], at(0));
    expect(await task.feed([accuracy({ day: 8 })], at(0))).toEqual([]);
  });

  it('keeps the models of a partition apart', async () => {
    const task = retrainingDriver();
    const sent = await task.feed([
      accuracy({ day: 0, name: 'm' }),
      accuracy({ day: 0, name: 'n' }),
    ]);
    expect(requestsIn(sent).map(({ model }) => model)).toEqual(['m', 'n']);
  });

  it('writes nothing to its changelog while nothing changes', async () => {
    const task = await served();
    const before = [...task.changelog.values()];
    await task.feed([], at(1));
    expect([...task.changelog.values()].every((bytes, index) => bytes === before[index])).toBe(
      true,
    );
  });
});
