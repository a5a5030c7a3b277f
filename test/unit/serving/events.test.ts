import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventStream } from '../../../src/serving/event-stream.ts';
import { startServing, type Serving } from '../../../src/serving/serving.ts';
import type { ServingOptions } from '../../../src/serving/options.ts';
import { scoreType } from '../../../src/schemas/value-types.ts';
import {
  accuracyOf,
  forecastOf,
  hour,
  promoted,
  shadowOf,
  trained,
  until,
} from '../../support/online-view.ts';
import { CHAMPION, scoreOf } from '../../support/scores.ts';
import { Api } from './api.ts';
import { Client, eventually } from './event-client.ts';

let api: Api;
let serving: Serving | undefined;
const clients: Client[] = [];

const serve = async (given: Partial<ServingOptions> = {}): Promise<string> => {
  serving = await startServing(await api.options(given));
  return `${serving.address}/events`;
};

const connect = async (url: string, lastEventId?: string): Promise<Client> => {
  const client = new Client();
  clients.push(client);
  return client.connect(url, lastEventId);
};

beforeEach(async () => {
  api = new Api();
  await api.viewed.ensureTopics();
  await api.viewed.models(trained('1'), promoted('1'));
  await api.followed();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await serving?.close();
  serving = undefined;
  await api.close();
});

const types = ({ events }: Client): readonly string[] => events.map(({ event }) => event);

describe('GET /events', () => {
  it('tells what comes, and nothing of before', async () => {
    const client = await connect(await serve());
    await client.heardOf('hello');
    await api.viewed.models(trained('2'));
    await api.viewed.accuracies(accuracyOf());
    await client.heardOf('accuracy');
    expect(client.events).toMatchObject([
      {
        event: 'model',
        data: {
          type: 'model',
          stream: 'departures',
          record: { version: '2', gate: { gain: 0.1 } },
        },
      },
      { event: 'accuracy', data: { model: 'm', metrics: { wape: 0.1 } } },
    ]);
  });

  it('tells forecasts and scores of one series, the one that serves', async () => {
    const client = await connect(
      `${await serve()}?series=${encodeURIComponent('a/ü')}&stream=departures`,
    );
    const other = await connect(serving === undefined ? '' : `${serving.address}/events`);
    await client.heardOf('hello');
    await other.heardOf('hello');
    await api.viewed.forecasts(
      forecastOf({ seriesId: 'ATL' }),
      forecastOf({ seriesId: 'a/ü', model: shadowOf(CHAMPION) }),
      forecastOf({ seriesId: 'a/ü', forecastId: 'f-9' }),
    );
    await api.viewed.append(scoreType, { topic: 'departures.scores' }, [
      scoreOf({ seriesId: 'a/ü', target: hour(1), actual: 10 }),
    ]);
    await client.heardOf('score');
    expect(client.events).toMatchObject([
      { event: 'forecast', data: { seriesId: 'a/ü', forecast: { forecastId: 'f-9' } } },
      {
        event: 'score',
        data: {
          target: hour(1),
          actual: 10,
          past: { mean: 12, intervals: [{ level: 80, lower: 9, upper: 15 }, {}] },
        },
      },
    ]);
    await api.viewed.models(trained('3'));
    await other.heardOf('model');
    expect(types(other)).toEqual(['model']);
  });

  it('goes on from Last-Event-ID: nothing is missed, nothing comes twice', async () => {
    const url = await serve();
    const first = await connect(url);
    await first.heardOf('hello');
    const told: string[] = [];
    let lastId = first.lastId;
    first.close();
    for (let round = 0; round < 5; round += 1) {
      const versions = Array.from({ length: 7 }, (_, at) => `v${round}-${at}`);
      // Some while nobody listens, some while the client comes back.
      await api.viewed.models(...versions.slice(0, 4).map((version) => trained(version)));
      if (round % 2 === 0) await api.followed();
      const client = await connect(url, lastId);
      await api.viewed.models(...versions.slice(4).map((version) => trained(version)));
      await eventually(() => client.events.length >= 7, 'seven events');
      expect(types(client)).not.toContain('reset');
      // A record of a model event has its version.
      told.push(
        ...client.events.map(({ data }) => (data['record'] as { version: string }).version),
      );
      lastId = client.lastId;
      client.close();
    }
    const expected = Array.from({ length: 35 }, (_, at) => `v${Math.floor(at / 7)}-${at % 7}`);
    expect(told).toEqual(expected);
  });

  it('goes on from every id in between', async () => {
    const { limits } = await api.options();
    const url = await serve({ limits: { ...limits, httpStreamsMax: 16 } });
    const first = await connect(url);
    await first.heardOf('hello');
    await api.viewed.models(...['a', 'b', 'c'].map((version) => trained(version)));
    await api.viewed.accuracies(
      accuracyOf(),
      accuracyOf({ window: { kind: '1d', start: 0, end: 1, count: 1 } }),
    );
    await eventually(() => first.events.length === 5, 'five events');
    // The same events, told as they came and told again.
    const told = await connect(url, first.heard[0]?.id);
    await told.heardOf('hello');
    expect(told.events).toHaveLength(5);
    for (const client of [first, told]) {
      for (const [at, { id }] of client.events.entries()) {
        const again = await connect(url, id);
        await again.heardOf('hello');
        const rest = client.events.slice(at + 1).map(({ data }) => data);
        expect(again.events.map(({ data }) => data)).toEqual(rest);
      }
    }
  });

  it('resumes a series that has many neighbours', async () => {
    const url = `${await serve()}?series=ATL`;
    const first = await connect(url);
    await first.heardOf('hello');
    first.close();
    const scores = Array.from({ length: 3_000 }, (_, at) =>
      scoreOf({ seriesId: at % 30 === 0 ? 'ATL' : `s${at}`, target: hour(at) }),
    );
    await api.viewed.append(scoreType, { topic: 'departures.scores', partition: 1 }, scores);
    await api.followed();
    const again = await connect(url, first.lastId);
    await again.heardOf('hello');
    expect(again.events).toHaveLength(100);
  });

  it.each(['nonsense', 'a.b.c', '../../x', `${'z'.repeat(40)}.1.2`])(
    'says that events are missing when it cannot go on from %s',
    async (id) => {
      const client = await connect(await serve(), id);
      await client.heardOf('hello');
      expect(types(client)).toEqual(['reset']);
    },
  );

  it('says so too when the log is another one', async () => {
    const url = await serve();
    const client = await connect(url);
    await client.heardOf('hello');
    const [name = '', ...offsets] = client.lastId.split('.');
    const ahead = await connect(url, [name, ...offsets.map(() => 'zzz')].join('.'));
    await ahead.heardOf('hello');
    expect(types(ahead)).toEqual(['reset']);
  });

  it('keeps the connection alive with comments', async () => {
    const client = await connect(await serve({ heartbeatMs: 5 }));
    await client.heardOf('comment');
    expect(client.isEnded).toBe(false);
  });

  it('takes so many clients and no more, and one more when one has gone', async () => {
    const url = await serve();
    const all: Client[] = [];
    for (let at = 0; at < 4; at += 1) all.push(await connect(url));
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    all[0]?.close();
    let status = 503;
    for (let tries = 0; status === 503 && tries < 500; tries += 1) {
      status = (await connect(url)).status;
    }
    expect(status).toBe(200);
  });

  it('refuses bad questions before it begins', async () => {
    const url = await serve();
    expect((await fetch(`${url}?series=`)).status).toBe(422);
    expect((await fetch(`${url}?series=a&stream=none`)).status).toBe(404);
    expect((await fetch(`${url}?stream=none`)).status).toBe(404);
    expect((await fetch(`${url}?serie=a`)).status).toBe(422);
  });

  it('ends with the server', async () => {
    const client = await connect(await serve());
    await client.heardOf('hello');
    await serving?.close();
    serving = undefined;
    await eventually(() => client.isEnded, 'the end');
  });
});

describe('a slow client', () => {
  const slow = async (): Promise<{ stream: EventStream; to: PassThrough }> => {
    const { feed, streams } = await api.options();
    // Nobody reads from it.
    const to = new PassThrough({ highWaterMark: 100 });
    const interest = { series: undefined };
    const stream = new EventStream({ feed, interest, streams, lastEventId: undefined, to });
    await stream.start();
    return { stream, to };
  };

  it('is let go with a word when it leaves too much unread', async () => {
    const { to } = await slow();
    const reason = 'x'.repeat(100_000);
    await api.viewed.models(...Array.from({ length: 30 }, (_, at) => trained(`${at}`, { reason })));
    await until(() => to.writableEnded, 'the end');
    expect(to.writableLength).toBeLessThan(1_300_000);
    let text = '';
    for await (const part of to) text += String(part);
    expect(text).toContain('too slow');
  });

  it('is let go when it has taken nothing between two heartbeats', async () => {
    const { stream, to } = await slow();
    await api.viewed.models(trained('9', { reason: 'y'.repeat(1_000) }));
    await api.followed();
    stream.heartbeat();
    expect(to.destroyed).toBe(false);
    stream.heartbeat();
    expect(to.destroyed).toBe(true);
  });
});
