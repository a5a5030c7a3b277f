import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scoreType } from '../../../src/schemas/value-types.ts';
import { statusResponse } from '../../../src/serving/responses.ts';
import { forecastOf, hour, promoted, trained } from '../../support/online-view.ts';
import { scoreOf } from '../../support/scores.ts';
import { Api, problemsOf } from './api.ts';

let api: Api;

beforeEach(async () => {
  api = new Api();
  await api.viewed.ensureTopics();
  await api.viewed.models(trained('1'), promoted('1'));
  await api.viewed.forecasts(forecastOf(), forecastOf({ seriesId: 'a/ü?#&%', origin: hour(1) }));
  await api.viewed.append(scoreType, { topic: 'departures.scores' }, [
    scoreOf({ seriesId: 'ATL', target: hour(1), actual: 11 }),
  ]);
  await api.followed();
});

afterEach(() => api.close());

describe('GET /status', () => {
  it('tells of streams, tasks and events', async () => {
    api.running('ingest').watermark = hour(5);
    api.running('forecasting').watermark = hour(2);
    api.running('forecasting');
    const { body } = await api.get('/status');
    expect(problemsOf(statusResponse, body)).toEqual([]);
    expect(body).toMatchObject({
      version: '0.0.1',
      now: hour(2),
      speed: 1,
      streams: [
        {
          name: 'departures',
          seriesCount: 2,
          watermark: null,
          champion: { model: 'departures', version: '1' },
          deadCount: 1,
          freshShare: 1,
        },
      ],
      tasks: [{ topology: 'ingest', watermark: hour(5) }, {}, { watermark: null }],
      events: [{ type: 'model', record: { type: 'ModelPromoted', gate: { gain: 0.1 } } }, {}],
    });
  });

  it('does not let the watermark stand where a task went to another worker', async () => {
    const gone = api.running('forecasting');
    gone.watermark = hour(2);
    gone.state = 'CLOSED';
    expect((await api.get('/status')).body['streams']).toMatchObject([{ watermark: null }]);
    api.running('forecasting').watermark = hour(5);
    expect((await api.get('/status')).body['streams']).toMatchObject([{ watermark: hour(5) }]);
  });
});
