import { describe, expect, it } from 'vitest';
import { TidecastError } from '../../src/core/errors.ts';
import {
  completeTo,
  forecastingDriver,
  modelEvent,
  observed,
  sentTo,
  SERDES,
  type ForecastingDriverOptions,
} from '../support/forecasting-driver.ts';
import { constantShelf, constantsOf } from '../support/constant-shelf.ts';
import {
  adoptedIn,
  at,
  ended,
  fields,
  HORIZON,
  hourOf,
  promoted,
  rolledBack,
  servedBy,
  trained,
} from '../support/model-story.ts';
import type { FedRecord, TopologyDriver } from '../support/topology-driver.ts';

const driven = (given: ForecastingDriverOptions = {}): TopologyDriver =>
  forecastingDriver({
    horizon: HORIZON,
    historyNeeded: 0,
    shelf: constantShelf(HORIZON),
    ...given,
  });

describe('the models of a forecasting task', () => {
  it('serve from the period on that their promotion names, by a recorded decision', async () => {
    const driver = driven();
    const first = await driver.feed([
      observed('a', at(0)),
      completeTo(at(1)),
      promoted('1', '', at(3)),
    ]);
    expect(
      adoptedIn(first).map(({ role, model, effectiveFrom, source, task }) => [
        ...[task, role, model?.version, hourOf(effectiveFrom), source.offset],
      ]),
    ).toEqual([['forecasting.0', 'champion', '1', 3, 0]]);
    expect(servedBy(await driver.feed([completeTo(at(5))]))).toEqual([
      '1 fallback naive-ladder',
      '2 fallback naive-ladder',
      '3 champion 1',
      '4 champion 1',
    ]);
  });

  it('serve from the next period on when the promotion came late', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(4))]);
    const sent = await driver.feed([promoted('1', '', at(2)), completeTo(at(5))]);
    expect(
      adoptedIn(sent).map(({ effectiveFrom, source }) => [effectiveFrom, source.offset]),
    ).toEqual([[at(4), 2]]);
    expect(servedBy(sent)).toEqual(['4 champion 1']);
  });

  it('ignore a promotion that names another champion than theirs', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(1)), promoted('1', '')]);
    const sent = await driver.feed([promoted('2', '0'), completeTo(at(2))]);
    expect(adoptedIn(sent)).toEqual([]);
    expect(servedBy(sent)).toEqual(['1 champion 1']);
  });

  it('ignore other streams and other models', async () => {
    const driver = driven();
    const one = { ...fields('1'), type: 'ModelPromoted', previous: '', effectiveFrom: 0 } as const;
    const sent = await driver.feed([
      modelEvent({ ...one, stream: 'other' }),
      modelEvent({ ...one, model: 'other' }),
    ]);
    expect(sent).toEqual([]);
  });

  it('are scored in the shadow beside the champion, until they are rejected', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(1))]);
    await driver.feed([promoted('10', '')]);
    const sent = await driver.feed([trained('20'), observed('a', at(1)), completeTo(at(3))]);
    expect(servedBy(sent)).toEqual([
      '1 champion 10',
      '1 shadow 20',
      '2 champion 10',
      '2 shadow 20',
    ]);
    const scores = sentTo(sent, 'scores', SERDES.score);
    expect(
      scores.map(({ target, model, steps }) => [
        ...[hourOf(target), model.role, model.version],
        steps.map(({ mean }) => mean),
      ]),
    ).toEqual([
      [1, 'fallback', 'naive-ladder', [1]],
      // Step 1 from hour 1, step 2 from hour 0.
      [2, 'champion', '10', [10]],
      [2, 'fallback', 'naive-ladder', [1]],
      [2, 'shadow', '20', [20]],
    ]);
    const after = await driver.feed([ended('20', 'ModelRejected'), completeTo(at(5))]);
    expect(servedBy(after)).toEqual(['3 champion 10', '4 champion 10']);
    // What it said before is still scored.
    const late = sentTo(after, 'scores', SERDES.score).filter(
      ({ model }) => model.role === 'shadow',
    );
    expect(late.map(({ target, steps }) => [hourOf(target), steps.length])).toEqual([
      [3, 2],
      [4, 2],
    ]);
  });

  it('leave the shadow when they are promoted; another challenger stays in it', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(1)), trained('1')]);
    const sent = await driver.feed([promoted('1', '', at(2)), completeTo(at(3))]);
    expect(servedBy(sent)).toEqual(['1 fallback naive-ladder', '1 shadow 1', '2 champion 1']);
    await driver.feed([trained('2'), trained('3')]);
    const other = await driver.feed([promoted('2', '1'), completeTo(at(4))]);
    expect(servedBy(other)).toEqual(['3 champion 2', '3 shadow 3']);
  });

  it('are rolled back at the next period', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), promoted('1', ''), completeTo(at(1))]);
    await driver.feed([promoted('2', '1'), completeTo(at(2))]);
    const sent = await driver.feed([rolledBack('1', '2'), completeTo(at(3))]);
    expect(servedBy(sent)).toEqual(['2 champion 1']);
    expect(adoptedIn(sent).map(({ model }) => model?.version)).toEqual(['1']);
  });

  it('serve each from its promotion on where all is read again, after the ladder', async () => {
    const story = [observed('a', at(0)), completeTo(at(1)), completeTo(at(6))];
    const promotions = [promoted('1', '', at(2)), promoted('2', '1', at(4))];
    expect(servedBy(await driven().feed([...promotions, ...story]))).toEqual([
      ...['0 fallback naive-ladder', '1 fallback naive-ladder'],
      ...['2 champion 1', '3 champion 1', '4 champion 2', '5 champion 2'],
    ]);
    // By hand it is for all that is read after it.
    const byHand = await driven().feed([...promotions, rolledBack('1', '2'), ...story]);
    expect(new Set(servedBy(byHand).map((text) => text.slice(2)))).toEqual(new Set(['champion 1']));
  });

  it('are refused when they cannot be loaded: the old one serves until the next', async () => {
    const told: string[] = [];
    const driver = driven({
      onRefused: ({ version }, error) => {
        told.push(`${version} ${error instanceof TidecastError ? error.code : ''}`);
      },
    });
    await driver.feed([observed('a', at(0)), completeTo(at(1)), promoted('1', '')]);
    const sent = await driver.feed([promoted('mismatched', '1'), completeTo(at(2))]);
    expect(told).toEqual(['mismatched MODEL_SCHEMA_MISMATCH']);
    expect(adoptedIn(sent)).toEqual([]);
    expect(servedBy(sent)).toEqual(['1 champion 1']);
    // By the log of model events the refused one is champion.
    const next = await driver.feed([promoted('2', 'mismatched'), completeTo(at(3))]);
    expect(servedBy(next)).toEqual(['2 champion 2']);
  });

  it('give way to the ladder when they say no number, the shadow to nobody', async () => {
    const driver = driven();
    await driver.feed([
      observed('a', at(0)),
      completeTo(at(1)),
      promoted('NaN', ''),
      trained('NaN'),
    ]);
    expect(servedBy(await driver.feed([completeTo(at(2))]))).toEqual(['1 fallback naive-ladder']);
  });

  it('are asked for nothing while a series is young', async () => {
    const driver = driven({ historyNeeded: 2 });
    await driver.feed([promoted('1', ''), trained('2')]);
    const sent = await driver.feed([observed('a', at(0)), observed('b', at(1)), completeTo(at(3))]);
    const mine = sentTo(sent, 'forecasts', SERDES.forecast).filter(
      ({ seriesId }) => seriesId === 'a',
    );
    expect(mine.map(({ model }) => model.role)).toEqual([
      'fallback',
      'fallback',
      'champion',
      'shadow',
    ]);
  });

  it('put no record aside when they fail: the task is to try again', async () => {
    const driver = driven();
    await driver.feed([observed('a', at(0)), completeTo(at(1))]);
    await driver.feed([promoted('failing', '')]);
    await expect(driver.feed([completeTo(at(2))])).rejects.toMatchObject({
      code: 'TASK_MODEL_FAILED',
      retriable: true,
    });
  });

  it('keep bounds in order and within what the series can reach, whatever they say', async () => {
    const driver = driven();
    const events = Array.from({ length: 30 }, (_, hour) => observed('a', at(hour)));
    await driver.feed([...events, completeTo(at(30)), promoted('1000', '')]);
    const sent = await driver.feed([observed('a', at(30)), completeTo(at(31))]);
    const [forecast] = sentTo(sent, 'forecasts', SERDES.forecast);
    expect(forecast?.mean[0]).toBe(1000);
    for (const { lower, upper } of forecast?.intervals ?? []) {
      expect([...lower]).toEqual([1.5, 1.5, 1.5]);
      expect([...upper]).toEqual([1.5, 1.5, 1.5]);
    }
  });
});

describe('a replay with recorded decisions', () => {
  it('takes no model event, and adopts where the decisions say', async () => {
    const calm = driven();
    await calm.feed([observed('a', at(0)), completeTo(at(1))]);
    await calm.feed([promoted('1', ''), completeTo(at(2))]);
    await calm.feed([trained('2'), completeTo(at(4))]);
    const decided = adoptedIn(calm.sent);
    const replay = driven({ pinned: () => decided });
    const records = [observed('a', at(0)), completeTo(at(1)), completeTo(at(2)), completeTo(at(4))];
    await replay.feed([promoted('7', ''), ...records]);
    expect(servedBy(replay.sent)).toEqual(servedBy(calm.sent));
    expect(adoptedIn(replay.sent)).toEqual(decided);
    expect(constantsOf(replay.sent)).toEqual(constantsOf(calm.sent));
    expect(servedBy(replay.sent)).toHaveLength(6);
  });

  it('of a keyed source forecasts with what served when each value came', async () => {
    const options = { aggregate: 'none', isKeyed: true } as const;
    const one = (seriesId: string): FedRecord => observed(seriesId, at(5), { value: 1 });
    const calm = driven(options);
    await calm.feed([one('a'), one('c')]);
    await calm.feed([promoted('1', ''), one('b')]);
    const replay = driven({ ...options, pinned: () => adoptedIn(calm.sent) });
    await replay.feed([one('a'), one('c'), one('b')]);
    expect(servedBy(replay.sent)).toEqual([
      ...['5 fallback naive-ladder', '5 fallback naive-ladder'],
      '5 champion 1',
    ]);
    expect(servedBy(replay.sent)).toEqual(servedBy(calm.sent));
  });
});
