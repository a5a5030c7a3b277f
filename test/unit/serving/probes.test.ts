import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { healthResponse, readyResponse } from '../../../src/serving/responses.ts';
import { openProbes } from '../../../src/serving/serving.ts';
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

  it('name a failure by its code alone where tokens keep the rest from strangers', async () => {
    const task = api.running('ingest');
    Object.assign(task, {
      state: 'HALTED',
      error: 'broker 10.0.0.7 is gone',
      errorCode: 'LOG_UNREACHABLE',
    });
    expect((await api.get('/readyz')).text).toContain('10.0.0.7');
    const token = { name: 'a', secret: 'a-secret-of-sixteen', scope: 'read' } as const;
    await api.open({ http: { host: '127.0.0.1', port: 0, tokens: [token] } });
    expect((await api.get('/readyz')).body['reasons']).toEqual([
      'departures.ingest.0 has stopped: LOG_UNREACHABLE',
    ]);
    const headers = { authorization: `Bearer ${token.secret}` };
    expect((await api.call({ url: '/status', headers })).text).toContain('10.0.0.7');
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

  it('are not ready while the view does not come on', async () => {
    const reason = 'the view has not come on for 31 s: the log does not answer';
    await api.open({ viewReason: () => reason });
    const { status, body } = await api.get('/readyz');
    expect([status, body['reasons']]).toEqual([503, [reason]]);
    await api.open({ viewReason: () => undefined });
    expect((await api.get('/readyz')).status).toBe(200);
  });

  it('are served without a view too, with metrics behind the tokens', async () => {
    const { http, metrics, logger, ...known } = await api.options();
    const token = { name: 'a', secret: 'a-secret-of-sixteen', scope: 'read' } as const;
    const options = { ...known, metrics, logger, http: { ...http, tokens: [token] } };
    const app = await openProbes(options);
    onTestFinished(() => app.close());
    const statusOf = async (url: string, headers = {}): Promise<number> =>
      (await app.inject({ url, headers })).statusCode;
    expect(await statusOf('/livez')).toBe(200);
    expect(await statusOf('/readyz')).toBe(200);
    expect(await statusOf('/metrics')).toBe(401);
    expect(await statusOf('/metrics', { authorization: `Bearer ${token.secret}` })).toBe(200);
    expect(await statusOf('/status')).toBe(404);
    api.running('ingest').state = 'HALTED';
    expect(await statusOf('/readyz')).toBe(503);
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
