import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OnlineStore } from '../../../src/online/online-store.ts';
import { forecastResponse } from '../../../src/serving/responses.ts';
import { forecastOf, hour, until } from '../../support/online-view.ts';
import { Api, problemsOf, type Answer } from './api.ts';

let api: Api;

beforeEach(async () => {
  api = new Api();
  await api.viewed.ensureTopics();
  await api.viewed.forecasts(forecastOf());
  await api.followed();
});

afterEach(() => api.close());

const iso = (at: number): string => new Date(hour(at)).toISOString();

describe('POST /forecast', () => {
  it('answers with the first steps of the last forecast', async () => {
    const { status, body } = await api.forecast({ entity_id: 'ATL', horizon: 3 });
    expect(status).toBe(200);
    expect(body).toEqual({
      entity_id: 'ATL',
      forecasts: [1, 2, 3],
      lower_bound: [-1, 0, 1],
      upper_bound: [3, 4, 5],
      generated_at: iso(1),
      model_version: '1',
      targets: [iso(1), iso(2), iso(3)],
      level: 95,
      forecast_id: 'f-1',
      origin: iso(0),
      as_of: iso(1),
      stale: false,
      cached: true,
      strategy: 'direct',
    });
    expect(problemsOf(forecastResponse, body)).toEqual([]);
  });

  it('means seven periods, with intervals, when nothing else is said', async () => {
    const { body } = await api.forecast({ entity_id: 'ATL' });
    expect(body['forecasts']).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(body['lower_bound']).toHaveLength(7);
  });

  it('means as far as there is a forecast, where that is less', async () => {
    const { streams } = await api.options();
    const mean = Float64Array.of(1, 2, 3);
    await api.viewed.forecasts(forecastOf({ seriesId: 'short', mean, horizon: 3, intervals: [] }));
    await api.followed();
    expect((await api.forecast({ entity_id: 'short' })).body['forecasts']).toEqual([1, 2, 3]);
    await api.open({ streams: streams.map((stream) => ({ ...stream, horizon: 2 })) });
    expect((await api.forecast({ entity_id: 'short' })).body['forecasts']).toEqual([1, 2]);
    const beyond = await api.forecast({ entity_id: 'short', horizon: 3 });
    expect([beyond.status, beyond.text]).toEqual([422, expect.stringContaining('2 periods ahead')]);
  });

  it('has null for bounds when they are not wanted', async () => {
    const { body } = await api.forecast({ entity_id: 'ATL', include_intervals: false });
    expect(body).toMatchObject({ lower_bound: null, upper_bound: null, level: null });
  });

  it('takes another level of the stream', async () => {
    const { body } = await api.forecast({ entity_id: 'ATL', horizon: 1, level: 80 });
    expect(body).toMatchObject({ lower_bound: [0], upper_bound: [2], level: 80 });
  });

  it('takes the widest level when 95 is none of the stream', async () => {
    const { streams } = await api.options();
    await api.open({ streams: streams.map((stream) => ({ ...stream, levels: [50, 80] })) });
    expect((await api.forecast({ entity_id: 'ATL', horizon: 1 })).body['level']).toBe(80);
  });

  it('says by the configured clock whether it is stale', async () => {
    const staleAt = async (nowMs: number): Promise<unknown> => {
      api.viewed.nowMs = nowMs;
      return (await api.forecast({ entity_id: 'ATL' })).body['stale'];
    };
    expect(await staleAt(hour(6))).toBe(false);
    expect(await staleAt(hour(6) + 1)).toBe(true);
  });

  it('follows the periods of the local clock where they are days', async () => {
    const { streams } = await api.options();
    // 2001-04-01 was the day on which New York set its clocks forward.
    const origin = Date.UTC(2001, 2, 31, 5);
    await api.viewed.forecasts(forecastOf({ seriesId: 'daily', origin, frequency: '1d' }));
    await api.followed();
    const daily = { frequency: '1d', timeZone: 'America/New_York' };
    await api.open({ streams: streams.map((stream) => ({ ...stream, ...daily })) });
    const { body } = await api.forecast({ entity_id: 'daily', horizon: 2 });
    expect(body['targets']).toEqual(['2001-04-01T05:00:00.000Z', '2001-04-02T04:00:00.000Z']);
  });

  it('knows series with any name', async () => {
    for (const seriesId of ['a/b', 'ü 東京', '../../etc/passwd', "'; drop table", '__proto__']) {
      await api.viewed.forecasts(forecastOf({ seriesId }));
      await api.followed();
      const { status, body } = await api.forecast({ entity_id: seriesId });
      expect([status, body['entity_id']]).toEqual([200, seriesId]);
    }
  });

  it('says that a series is unknown, or known but without a forecast', async () => {
    expect(await api.forecast({ entity_id: 'JFK' })).toMatchObject({
      status: 404,
      body: { code: 'SERIES_UNKNOWN', request_id: expect.any(String) as string },
    });
    const mean = new Float64Array(24).fill(Number.NaN);
    await api.viewed.forecasts(forecastOf({ seriesId: 'new', mean, strategy: 'nothing' }));
    await api.followed();
    expect(await api.forecast({ entity_id: 'new' })).toMatchObject({
      status: 404,
      body: { code: 'FORECAST_MISSING' },
    });
  });

  it('has null for bounds that are not known', async () => {
    const nothing = new Float32Array(24).fill(Number.NaN);
    const intervals = [{ level: 95, lower: nothing, upper: nothing }];
    await api.viewed.forecasts(forecastOf({ seriesId: 'cold', intervals }));
    await api.followed();
    const { body } = await api.forecast({ entity_id: 'cold' });
    expect(body).toMatchObject({ lower_bound: null, upper_bound: null, level: null });
  });

  it('names the streams when it does not know which is meant', async () => {
    const unknown = await api.forecast({ entity_id: 'ATL', stream: 'arrivals' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'STREAM_UNKNOWN' } });
    expect(unknown.body['detail']).toContain('departures');
    const { streams } = await api.options();
    await api.open({ streams: streams.map((stream) => ({ ...stream, isDefault: false })) });
    const missing = await api.forecast({ entity_id: 'ATL' });
    expect(missing.status).toBe(422);
    expect(missing.text).toContain('name one of departures');
    expect(missing.body['detail']).toMatchObject([{ loc: ['body', 'stream'] }]);
  });

  it('answers 503 with Retry-After when too many ask at once', async () => {
    const { online } = await api.options();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const slow: OnlineStore = Object.create(online, {
      series: {
        value: async (...asked: Parameters<OnlineStore['series']>) => {
          await released;
          return online.series(...asked);
        },
      },
    }) as OnlineStore; // The store itself, but for the one method.
    await api.open({ inFlightMax: 2, online: slow });
    let refused = 0;
    const ask = async (): Promise<Answer> => {
      const answer = await api.forecast({ entity_id: 'ATL' });
      if (answer.status === 503) refused += 1;
      return answer;
    };
    const asked = Array.from({ length: 5 }, ask);
    await until(() => refused === 3, 'three refusals');
    release();
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy).toHaveLength(3);
    expect(busy[0]).toMatchObject({
      headers: { 'retry-after': '1' },
      body: { code: 'OVERLOADED' },
    });
    expect((await api.forecast({ entity_id: 'ATL' })).status).toBe(200);
  });
});

describe('bad input', () => {
  const ATL = { entity_id: 'ATL' };

  const BAD: readonly [string, unknown, string[], string][] = [
    ['no series', {}, ['body', 'entity_id'], 'required'],
    ['an empty series', { entity_id: '' }, ['body', 'entity_id'], 'minLength'],
    ['a series that is a number', { entity_id: 7 }, ['body', 'entity_id'], 'type'],
    ['a series that is null', { entity_id: null }, ['body', 'entity_id'], 'type'],
    ['a long series', { entity_id: 'x'.repeat(513) }, ['body', 'entity_id'], 'maxLength'],
    ['a horizon below one', { ...ATL, horizon: 0 }, ['body', 'horizon'], 'minimum'],
    ['a negative horizon', { ...ATL, horizon: -7 }, ['body', 'horizon'], 'minimum'],
    ['a horizon with a fraction', { ...ATL, horizon: 1.5 }, ['body', 'horizon'], 'type'],
    ['a horizon that is a text', { ...ATL, horizon: '7' }, ['body', 'horizon'], 'type'],
    ['a horizon that is null', { ...ATL, horizon: null }, ['body', 'horizon'], 'type'],
    ['a horizon beyond the model', { ...ATL, horizon: 25 }, ['body', 'horizon'], 'maximum'],
    ['a huge horizon', { ...ATL, horizon: 1e300 }, ['body', 'horizon'], 'maximum'],
    [
      'intervals that are a text',
      { ...ATL, include_intervals: 'yes' },
      ['body', 'include_intervals'],
      'type',
    ],
    ['a level of another stream', { ...ATL, level: 90 }, ['body', 'level'], 'enum'],
    ['a level that is none', { ...ATL, level: 100 }, ['body', 'level'], 'exclusiveMaximum'],
    ['an unknown field', { ...ATL, horizn: 3 }, ['body', 'horizn'], 'additionalProperties'],
    ['a list', [ATL], ['body'], 'type'],
    ['a text', '"ATL"', ['body'], 'type'],
    ['null', 'null', ['body'], 'type'],
    ['NaN', '{"entity_id":"ATL","horizon":NaN}', ['body'], 'json_invalid'],
    ['JSON that breaks off', '{"entity_id":', ['body'], 'json_invalid'],
    ['a prototype', '{"entity_id":"ATL","__proto__":{"x":1}}', ['body'], 'json_invalid'],
  ];

  it.each(BAD.map(([name, body, loc, type]) => ({ name, body, loc, type })))(
    '$name is answered with 422 and the field',
    async ({ body, loc, type }) => {
      const answer = await api.forecast(body);
      expect(answer.status).toBe(422);
      expect(answer.body['detail']).toMatchObject([{ loc, type }]);
      expect(answer.text).not.toContain('node_modules');
    },
  );

  it.each([
    [{ horizon: 0, level: 101 }, ['entity_id', 'horizon', 'level']],
    [{ ...ATL, horizon: 25, level: 81 }, ['horizon', 'level']],
    [{ ...ATL, horizn: 3, lvl: 1 }, ['horizn', 'lvl']],
  ])('names each field of %j that cannot be used', async (body, fields) => {
    const answer = await api.forecast(body);
    expect(answer.status).toBe(422);
    // The routes' own answer to such a request.
    const detail = answer.body['detail'] as { readonly loc: readonly string[] }[];
    expect(detail.map(({ loc }) => loc[1]).toSorted()).toEqual(fields);
  });

  it('names no more fields than a person reads, however many are wrong', async () => {
    const names = Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]);
    const answer = await api.forecast({ ...ATL, ...Object.fromEntries(names) });
    expect(answer.status).toBe(422);
    expect(answer.body['detail']).toHaveLength(100);
  });

  it.each([
    ['{bad', 'the body is no JSON: .*at position 1'],
    ['{"entity_id":"ATL","horizon":NaN}', 'the body is no JSON: Unexpected token .N.'],
    ['{"entity_id":', 'the body is no JSON: Unexpected end'],
    ['', 'the body is empty: send JSON'],
    ['{"constructor":{"prototype":1}}', 'the body names a prototype or a constructor'],
  ])('says of the body %j where it cannot be read', async (body, said) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await api.call({ method: 'POST', url: '/forecast', body, headers });
    expect(answer.status).toBe(422);
    expect(answer.body['detail']).toEqual([
      { loc: ['body'], msg: expect.stringMatching(said) as string, type: 'json_invalid' },
    ]);
  });

  it('names the maximum of the horizon and the levels that there are', async () => {
    expect((await api.forecast({ ...ATL, horizon: 25 })).text).toContain('24 periods');
    expect((await api.forecast({ ...ATL, level: 90 })).text).toContain('80, 95');
  });

  it('names the maximum of a forecast that is shorter than the stream says', async () => {
    const mean = Float64Array.of(1, 2, 3);
    await api.viewed.forecasts(forecastOf({ seriesId: 'short', mean, horizon: 3, intervals: [] }));
    await api.followed();
    const answer = await api.forecast({ entity_id: 'short', horizon: 4 });
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('3 periods')]);
  });

  it.each([
    { name: 'an empty body', call: { body: '' }, status: 422, code: 'REQUEST_INVALID' },
    {
      name: 'a huge body',
      call: { body: { ...ATL, stream: 'x'.repeat(20_000) } },
      status: 413,
      code: 'BODY_TOO_LARGE',
    },
    {
      name: 'another type',
      call: { body: 'a=b', headers: { 'content-type': 'text/csv' } },
      status: 415,
      code: 'BODY_UNSUPPORTED',
    },
    {
      name: 'plain text',
      call: { body: '{"entity_id":"ATL"}', headers: { 'content-type': 'text/plain' } },
      status: 415,
      code: 'BODY_UNSUPPORTED',
    },
  ])('$name is refused', async ({ call, status, code }) => {
    const answer = await api.call({ method: 'POST', url: '/forecast', ...call });
    expect(answer.status).toBe(status);
    expect(answer.body['code']).toBe(code);
  });
});
