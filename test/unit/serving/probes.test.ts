import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healthResponse, readyResponse } from '../../../src/serving/responses.ts';
import { promoted, trained } from '../../support/online-view.ts';
import { Api, problemsOf } from './api.ts';

let api: Api;

beforeEach(async () => {
  api = new Api();
  await api.viewed.ensureTopics();
  await api.viewed.models(trained('1'), promoted('1'));
  await api.followed();
});

afterEach(() => api.close());

describe('probes', () => {
  it('are well when all tasks run and the view is there', async () => {
    api.running('ingest');
    const health = await api.get('/health');
    expect(health.body).toEqual({
      status: 'ok',
      model_loaded: true,
      version: '0.0.1',
      streams: ['departures'],
    });
    expect(problemsOf(healthResponse, health.body)).toEqual([]);
    expect(await api.get('/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, reasons: [], tasks: [] },
    });
    expect(await api.get('/livez')).toMatchObject({ status: 200 });
  });

  it('say why it is not ready', async () => {
    const task = api.running('ingest');
    task.state = 'RESTORING';
    const restoring = await api.get('/readyz');
    expect(restoring.status).toBe(503);
    expect(restoring.body['reasons']).toEqual(['departures.ingest.0 restores its state']);
    expect(problemsOf(readyResponse, restoring.body)).toEqual([]);
    expect((await api.get('/health')).body['status']).toBe('starting');
    task.restoreRemaining = 1_234;
    expect((await api.get('/readyz')).body).toEqual({
      ready: false,
      reasons: ['departures.ingest.0 restores its state: 1234 offsets remain'],
      tasks: [
        {
          ...{ task: 'departures.ingest.0', state: 'RESTORING' },
          ...{ lagRecords: null, restoreRemaining: 1_234 },
        },
      ],
    });
    task.state = 'HALTED';
    task.error = 'LOG_CORRUPT';
    expect((await api.get('/readyz')).text).toContain('LOG_CORRUPT');
    expect((await api.get('/health')).body['status']).toBe('degraded');
    task.state = 'RUNNING';
    api.isReady = false;
    expect(await api.get('/readyz')).toMatchObject({ status: 503 });
    expect((await api.get('/livez')).status).toBe(200);
  });

  it('say which groups have not taken the process in yet', async () => {
    api.awaitedGroups = ['tidecast.departures.ingest'];
    expect(await api.get('/readyz')).toMatchObject({
      status: 503,
      body: { reasons: ['group tidecast.departures.ingest has not been joined yet'], tasks: [] },
    });
    expect((await api.get('/health')).body['status']).toBe('starting');
    api.awaitedGroups = [];
    expect((await api.get('/readyz')).status).toBe(200);
  });

  it('are ready however far behind tasks are, unless a bound is configured', async () => {
    const task = api.running('ingest');
    task.lagRecords = 10_001;
    expect((await api.get('/readyz')).status).toBe(200);
    const { http } = await api.options();
    await api.open({ http: { ...http, readyLagRecords: 10_000 } });
    const behind = await api.get('/readyz');
    expect(behind.status).toBe(503);
    expect(behind.body).toMatchObject({
      reasons: ['departures.ingest.0 is 10001 records behind, more than 10000'],
      tasks: [{ task: 'departures.ingest.0', lagRecords: 10_001 }],
    });
    expect(problemsOf(readyResponse, behind.body)).toEqual([]);
    task.lagRecords = 10_000;
    expect((await api.get('/readyz')).status).toBe(200);
  });

  it('do not wait for a task that another worker has', async () => {
    api.running('ingest').state = 'CLOSED';
    expect((await api.get('/readyz')).status).toBe(200);
  });

  it('have no model before one was promoted', async () => {
    const { streams } = await api.options();
    await api.open({ streams: streams.map((stream) => ({ ...stream, name: 'arrivals' })) });
    expect((await api.get('/health')).body['model_loaded']).toBe(false);
  });
});
