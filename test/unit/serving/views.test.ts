import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accuracyResponse,
  championResponse,
  modelsResponse,
  type ModelsResponse,
  seriesListResponse,
  seriesResponse,
} from '../../../src/serving/responses.ts';
import { scoreType } from '../../../src/schemas/value-types.ts';
import { accuracyOf, forecastOf, hour, promoted, trained } from '../../support/online-view.ts';
import { scoreOf } from '../../support/scores.ts';
import { Api, problemsOf } from './api.ts';

let api: Api;

beforeEach(async () => {
  api = new Api();
  await api.viewed.ensureTopics();
  await api.viewed.models(trained('1'), promoted('1'));
  await api.viewed.accuracies(accuracyOf());
  await api.viewed.forecasts(forecastOf(), forecastOf({ seriesId: 'a/ü?#&%', origin: hour(1) }));
  await api.viewed.append(scoreType, { topic: 'departures.scores' }, [
    scoreOf({ seriesId: 'ATL', target: hour(0), actual: 10 }),
    scoreOf({ seriesId: 'ATL', target: hour(1), actual: 11, steps: [] }),
  ]);
  await api.followed();
});

afterEach(() => api.close());

describe('GET /series', () => {
  it('lists series with their running errors', async () => {
    const { status, body } = await api.get('/series');
    expect(status).toBe(200);
    expect(body).toEqual({
      stream: 'departures',
      total: 2,
      series: [
        {
          id: 'ATL',
          state: 'fresh',
          origin: hour(0),
          stale: false,
          wape: 0.2,
          naiveWape: 0.3,
          skill: expect.closeTo(1 / 3, 9) as number,
          count: 1,
        },
        {
          id: 'a/ü?#&%',
          state: 'dead',
          origin: hour(1),
          stale: false,
          wape: null,
          naiveWape: null,
          skill: null,
          count: 0,
        },
      ],
    });
    expect(problemsOf(seriesListResponse, body)).toEqual([]);
  });

  it('searches, and goes on page by page', async () => {
    expect((await api.get('/series?search=%C3%BC')).body).toMatchObject({ total: 1 });
    const second = await api.get('/series?limit=1&offset=1&stream=departures');
    expect(second.body).toMatchObject({ total: 2, series: [{ id: 'a/ü?#&%' }] });
  });

  it('names each field of a query that cannot be used', async () => {
    const { status, body } = await api.get('/series?limit=abc&offset=-1');
    expect(status).toBe(422);
    expect(body['detail']).toMatchObject([
      { loc: ['query', 'limit'], type: 'type' },
      { loc: ['query', 'offset'], type: 'minimum' },
    ]);
  });

  it.each(['limit=0', 'limit=501', 'limit=x', 'offset=-1', `search=${'x'.repeat(201)}`, 'lmit=1'])(
    'refuses ?%s and names the field',
    async (query) => {
      const { status, body } = await api.get(`/series?${query}`);
      expect(status).toBe(422);
      expect(body['detail']).toMatchObject([{ loc: ['query', query.split('=')[0]] }]);
    },
  );
});

describe('GET /series/{id}', () => {
  it('has actuals, last and past forecasts and errors', async () => {
    const { status, body } = await api.get('/series/ATL');
    expect(status).toBe(200);
    expect(problemsOf(seriesResponse, body)).toEqual([]);
    expect(body).toMatchObject({
      id: 'ATL',
      stream: 'departures',
      frequency: '1h',
      horizon: 24,
      levels: [80, 95],
      state: 'fresh',
      actuals: { times: [hour(0), hour(1)], values: [10, 11] },
      forecast: { forecastId: 'f-1', origin: hour(0), strategy: 'direct' },
      past: {
        step: 1,
        times: [hour(0), hour(1)],
        mean: [12, null],
        intervals: [
          { level: 80, lower: [9, null], upper: [15, null] },
          { level: 95, lower: [8, null], upper: [16, null] },
        ],
      },
      error: {
        window: '7d',
        count: 1,
        wape: 0.2,
        bias: 0.2,
        mase: 1,
        naive: { 'naive-24': 0.3, 'slot-mean': 0.4 },
      },
    });
  });

  it('knows ids with slashes, marks and letters of any script', async () => {
    const { status, body } = await api.get(`/series/${encodeURIComponent('a/ü?#&%')}`);
    expect([status, body['id']]).toEqual([200, 'a/ü?#&%']);
  });

  it('gives as much history as is asked for', async () => {
    const { body } = await api.get('/series/ATL?periods=1');
    expect(body).toMatchObject({ actuals: { values: [11] }, past: { mean: [null] } });
    expect((await api.get('/series/ATL?periods=5001')).status).toBe(422);
  });

  it.each([
    ['/series/JFK', 404, 'SERIES_UNKNOWN'],
    [`/series/${'x'.repeat(512)}`, 404, 'SERIES_UNKNOWN'],
    [`/series/${encodeURIComponent('東'.repeat(170))}`, 404, 'SERIES_UNKNOWN'],
    [`/series/${encodeURIComponent('../../etc/passwd')}`, 404, 'SERIES_UNKNOWN'],
    ['/series/ATL?stream=x', 404, 'STREAM_UNKNOWN'],
    ['/series/%E0%A4%A', 400, 'REQUEST_UNREADABLE'],
    ['/nothing/here', 404, 'ROUTE_UNKNOWN'],
  ])('%s is answered with %i and a code', async (url, status, code) => {
    const answer = await api.get(url);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(Object.keys(answer.body).toSorted()).toEqual(['code', 'detail', 'request_id']);
  });

  it('refuses an id that is longer than any', async () => {
    expect((await api.get(`/series/${'x'.repeat(600)}`)).status).toBe(422);
  });
});

describe('GET /models', () => {
  it('lists versions with their roles and events, the gate parsed', async () => {
    const { body } = await api.get('/models?stream=departures');
    expect(problemsOf(modelsResponse, body)).toEqual([]);
    expect(body).toMatchObject({
      models: [
        {
          version: '1',
          role: 'champion',
          trainer: 'ridge',
          events: [
            { type: 'ModelTrained' },
            { type: 'ModelPromoted', gate: { gain: 0.1 }, voided: false },
          ],
        },
      ],
    });
    expect((await api.get('/models?stream=other')).body['code']).toBe('STREAM_UNKNOWN');
    expect((await api.get('/accuracy?stream=other')).body['code']).toBe('STREAM_UNKNOWN');
  });

  it('keeps the last of those that no longer serve, as many as are asked for', async () => {
    for (const [version, at] of [
      ['2', 1],
      ['3', 2],
    ] as const) {
      await api.viewed.models(
        trained(version, { decidedAt: hour(at) }),
        promoted(version, { previous: `sha-${at}`, decidedAt: hour(at) }),
      );
    }
    await api.followed();
    const versionsOf = async (query: string) => {
      // As the schema of the answer has it.
      const { models } = (await api.get(`/models?${query}`)).body as unknown as ModelsResponse;
      return models.map(({ version }) => version);
    };
    expect(await versionsOf('limit=1')).toEqual(['2', '3']);
    expect(await versionsOf('limit=5')).toEqual(['1', '2', '3']);
    expect((await api.get('/models?limit=0')).status).toBe(422);
  });

  it('says who was champion when', async () => {
    await api.viewed.models(
      trained('2'),
      promoted('2', { previous: 'sha-1', effectiveFrom: hour(10) }),
      // Void: another serves by then.
      promoted('1', { previous: 'sha-9', effectiveFrom: hour(12) }),
    );
    await api.followed();
    const at = async (query: string): Promise<unknown> => {
      const { body } = await api.get(`/models/departures/champion${query}`);
      expect(problemsOf(championResponse, body)).toEqual([]);
      // Validated just now.
      return (body['champion'] as { version: string } | null)?.version;
    };
    expect(await at(`?at=${hour(9)}`)).toBe('1');
    expect(await at(`?at=${new Date(hour(10)).toISOString()}`)).toBe('2');
    expect(await at(`?at=${hour(13)}`)).toBe('2');
    expect(await at(`?at=${hour(-1)}`)).toBeUndefined();
    expect(await at('')).toBe('1');
    expect((await api.get('/models/departures/champion?at=noon')).body['detail']).toMatchObject([
      { loc: ['query', 'at'] },
    ]);
    expect((await api.get('/models/none/champion')).body['code']).toBe('MODEL_UNKNOWN');
  });

  it('says who was champion when, whoever decided it', async () => {
    const byPerson = (decidedHour: number) => ({ effectiveFrom: 0, decidedAt: hour(decidedHour) });
    const events = [
      promoted('2', { previous: 'sha-1', ...byPerson(3) }),
      // Of the gate, some hours ahead: a person decides otherwise before it begins.
      promoted('3', { previous: 'sha-2', effectiveFrom: hour(10), decidedAt: hour(8) }),
      { ...promoted('2', { previous: 'sha-3', ...byPerson(9) }), type: 'ModelRolledBack' as const },
      promoted('1', { previous: 'sha-2', ...byPerson(12) }),
    ];
    await api.viewed.models(trained('2'), trained('3'), ...events);
    await api.followed();
    const at = async (hours: number): Promise<unknown> => {
      const { body } = await api.get(`/models/departures/champion?at=${hour(hours)}`);
      expect(problemsOf(championResponse, body)).toEqual([]);
      const { version, event } = body['champion'] as {
        readonly version: string;
        readonly event: { readonly decidedAt: number; readonly type: string };
      };
      return [version, event.type, event.decidedAt];
    };
    expect(await at(2)).toEqual(['1', 'ModelPromoted', hour(0)]);
    expect(await at(3)).toEqual(['2', 'ModelPromoted', hour(3)]);
    expect(await at(9)).toEqual(['2', 'ModelRolledBack', hour(9)]);
    expect(await at(11)).toEqual(['2', 'ModelRolledBack', hour(9)]);
    expect(await at(12)).toEqual(['1', 'ModelPromoted', hour(12)]);
    api.viewed.nowMs = hour(4);
    const { body } = await api.get('/models/departures/champion');
    expect(body).toMatchObject({ champion: { version: '2' } });
    expect((await api.get(`/models/departures/champion?at=${hour(-1)}`)).body).toMatchObject({
      champion: null,
    });
  });

  it('has the latest accuracy', async () => {
    const { body } = await api.get('/accuracy');
    expect(problemsOf(accuracyResponse, body)).toEqual([]);
    expect(body).toMatchObject({
      accuracy: [
        {
          model: 'm',
          role: 'champion',
          window: { kind: '7d', count: 100 },
          metrics: { wape: 0.1, mape: null },
        },
      ],
    });
  });
});
