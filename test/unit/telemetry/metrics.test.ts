import { describe, expect, it } from 'vitest';
import type { Accuracy } from '../../../src/schemas/accuracy.ts';
import type { Freshness } from '../../../src/telemetry/freshness-metrics.ts';
import { metrics, type Metrics } from '../../../src/telemetry/metrics.ts';
import { textOf } from '../../support/repository.ts';

const STREAM = { name: 'departures', model: 'flights', accuracyWindow: '7d' };

const opened = (freshness?: () => Freshness): Metrics => {
  const made = metrics({
    ...{ streams: [STREAM], topologies: ['ingest', 'forecasting'], refusals: ['VALUE_NOT_JSON'] },
  });
  if (freshness !== undefined) made.tellFreshness(freshness);
  return made;
};

const accuracyOf = (given: Partial<Accuracy> = {}): Accuracy => ({
  scope: 'model',
  stream: 'departures',
  model: { name: 'flights', version: '1', sha256: 'ab', role: 'champion' },
  window: { kind: '7d', start: 0, end: 7, count: 42 },
  metrics: {
    mape: 12.5,
    rmse: 3,
    wape: 0.1,
    mase: 0.8,
    bias: -0.02,
    skill: 0.3,
    coverage_80: 0.79,
  },
  perStep: [],
  revision: 0,
  ...given,
});

const linesOf = async (from: Metrics, name: string): Promise<readonly string[]> => {
  const text = await from.text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
};

/** name, type and labels of each documented family. */
const documented = (): readonly string[] =>
  [...textOf('docs/metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm)].map(
    ([, name = '', type = '', labels = '']) =>
      [name, type, ...[...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)].join(' '),
  );

interface Described {
  readonly name: string;
  readonly labelNames: readonly string[];
}

describe('metrics', () => {
  it('are those of docs/metrics.md, with their types and labels', () => {
    const { registry } = opened();
    const said = registry.getMetricsAsArray().map((metric) => {
      // prom-client keeps the label names on the metric, but leaves them out of its types.
      const { name, labelNames } = metric as unknown as Described;
      return [name, metric.constructor.name.toLowerCase(), ...labelNames].join(' ');
    });
    expect(said.toSorted()).toEqual(documented().toSorted());
    expect(said.length).toBeGreaterThan(20);
  });

  it('begin at zero for what is known beforehand', async () => {
    const text = await opened().text();
    expect(text).toContain('forecast_predictions_total{model="flights",status="success"} 0');
    expect(text).toContain('forecast_predictions_total{model="flights",status="failure"} 0');
    expect(text).toContain('forecast_prediction_latency_seconds_count 0');
    expect(text).toContain('tidecast_task_transactions_total{topology="ingest",status="failed"} 0');
    expect(text).toContain('tidecast_task_commit_duration_seconds_count{topology="forecasting"} 0');
    expect(text).toContain(
      'tidecast_dead_letters_total{topology="ingest",reason="VALUE_NOT_JSON"} 0',
    );
    expect(text).toContain('forecast_entities{state="dead"} 0');
  });

  it('count predictions, and observe the run of all of them once', async () => {
    const made = opened();
    const champion = { model: 'flights', role: 'champion' } as const;
    made.forecast.predicted({ ...champion, status: 'success', count: 300 });
    made.forecast.predicted({ ...champion, status: 'failure', count: 2 });
    made.forecast.predicted({ ...champion, role: 'shadow', status: 'success', count: 7 });
    for (const durationMs of [900, 1_000]) made.forecast.ran({ durationMs });
    const text = await made.text();
    expect(text).toContain('tidecast_shadow_forecasts_total{model="flights",status="success"} 7');
    expect(text).toContain('forecast_predictions_total{model="flights",status="success"} 300');
    expect(text).toContain('forecast_predictions_total{model="flights",status="failure"} 2');
    expect(text).toContain('forecast_prediction_latency_seconds_bucket{le="0.5"} 0');
    // The objective is a bound itself, inclusive.
    expect(text).toContain('forecast_prediction_latency_seconds_bucket{le="1"} 2');
  });

  it('have the bounds that the reference names', async () => {
    const lines = await linesOf(opened(), 'forecast_prediction_latency_seconds_bucket');
    const bounds = lines.map((line) => /le="([^"]+)"/.exec(line)?.[1]);
    expect(bounds).toEqual([
      '0.005',
      '0.01',
      '0.025',
      '0.05',
      '0.1',
      '0.25',
      '0.5',
      '1',
      '2.5',
      '5',
      '+Inf',
    ]);
  });

  it('count events that ingest left out as repetitions, from zero on', async () => {
    const made = opened();
    const name = 'tidecast_repeated_events_total';
    expect(await linesOf(made, name)).toEqual([`${name}{stream="departures"} 0`]);
    made.forecast.repeated({ stream: 'departures', count: 2 });
    expect(await linesOf(made, name)).toEqual([`${name}{stream="departures"} 2`]);
  });

  it('tell of tasks', async () => {
    const made = opened();
    const place = { topology: 'ingest', partition: 3 };
    made.task.committed({ ...place, records: 10, outputs: 8, durationMs: 20 });
    made.task.restored({ ...place, stream: 's', records: 5, durationMs: 100 });
    made.task.failed({ ...place, code: 'LOG_FENCED' });
    made.task.deadLettered({ stream: 's', topology: 'ingest', reason: 'VALUE_NOT_JSON' });
    made.task.lag({ ...place, stream: 's', topic: 'flights', records: 17 });
    made.task.state({ stream: 's', ...place, bytes: 1_024 });
    const text = await made.text();
    for (const line of [
      'tidecast_task_transactions_total{topology="ingest",status="committed"} 1',
      'tidecast_task_transactions_total{topology="ingest",status="failed"} 1',
      'tidecast_task_records_total{topology="ingest"} 10',
      'tidecast_task_outputs_total{topology="ingest"} 8',
      'tidecast_task_commit_duration_seconds_sum{topology="ingest"} 0.02',
      'tidecast_task_restored_records_total{topology="ingest"} 5',
      'tidecast_task_failures_total{topology="ingest",code="LOG_FENCED"} 1',
      'tidecast_dead_letters_total{topology="ingest",reason="VALUE_NOT_JSON"} 1',
      'tidecast_consumer_lag{stream="s",topology="ingest",topic="flights",partition="3"} 17',
      'tidecast_state_bytes{stream="s",topology="ingest",partition="3"} 1024',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('tell how far tasks have come, and nothing more of one that another worker has', async () => {
    const made = opened();
    const place = { stream: 's', topology: 'ingest', partition: 3 };
    const lag = { ...place, topic: 'flights', records: 17 };
    made.task.lag(lag);
    made.task.lag({ ...lag, partition: 4 });
    made.task.progress({
      ...place,
      watermarkLagMs: 90_000,
      commitAgeMs: 1_500,
      restoreRemaining: 12,
    });
    made.task.unassigned({ stream: 's', topology: 'ingest', topic: 'flights', partitions: 2 });
    made.task.tasks({ stream: 's', topology: 'ingest', state: 'BACKING_OFF', count: 1 });
    const text = await made.text();
    for (const line of [
      'tidecast_task_watermark_lag_seconds{stream="s",topology="ingest",partition="3"} 90',
      'tidecast_task_commit_age_seconds{stream="s",topology="ingest",partition="3"} 1.5',
      'tidecast_task_restore_remaining_offsets{stream="s",topology="ingest",partition="3"} 12',
      'tidecast_unassigned_partitions{stream="s",topology="ingest",topic="flights"} 2',
      'tidecast_tasks{stream="s",topology="ingest",state="backing_off"} 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    // Nothing is said of what is not known.
    made.task.progress({
      ...place,
      watermarkLagMs: undefined,
      commitAgeMs: 2_000,
      restoreRemaining: 0,
    });
    expect(await linesOf(made, 'tidecast_task_watermark_lag_seconds')).toEqual([]);
    made.task.lag({ ...lag, records: undefined });
    expect(await linesOf(made, 'tidecast_consumer_lag')).toHaveLength(1);
    made.task.lag(lag);
    made.task.gone({ ...place, positions: [{ topic: 'flights', partition: 3, next: 9 }] });
    expect(await made.text()).not.toContain('partition="3"');
    expect(await linesOf(made, 'tidecast_consumer_lag')).toHaveLength(1);
  });

  it('keep the registry of each process apart', async () => {
    const one = opened();
    one.task.deadLettered({ stream: 's', topology: 'ingest', reason: 'TIME_AHEAD' });
    expect(await opened().text()).not.toContain('TIME_AHEAD');
  });
});

describe('accuracy', () => {
  it('is that of the champion, in the window shown', async () => {
    const made = opened();
    made.quality.accuracy(accuracyOf());
    made.quality.accuracy(
      accuracyOf({ window: { kind: '1d', start: 0, end: 9, count: 1 }, metrics: { mape: 99 } }),
    );
    made.quality.accuracy(accuracyOf({ scope: 'group:state=CA', metrics: { mape: 98 } }));
    const shadow = { name: 'flights', version: '2', sha256: 'cd', role: 'shadow' } as const;
    made.quality.accuracy(accuracyOf({ model: shadow, metrics: { mape: 11 } }));
    expect(await linesOf(made, 'forecast_model_accuracy')).toEqual([
      'forecast_model_accuracy{model="flights",metric="mape"} 12.5',
      'forecast_model_accuracy{model="flights",metric="rmse"} 3',
      'forecast_model_accuracy{model="flights",metric="wape"} 0.1',
      'forecast_model_accuracy{model="flights",metric="mase"} 0.8',
    ]);
    expect(await linesOf(made, 'tidecast_candidate_accuracy')).toEqual([
      'tidecast_candidate_accuracy{model="flights",role="shadow",metric="mape"} 11',
    ]);
    expect(await linesOf(made, 'tidecast_interval_coverage_ratio')).toEqual([
      'tidecast_interval_coverage_ratio{model="flights",level="80"} 0.79',
    ]);
    expect(await linesOf(made, 'tidecast_matured_points')).toEqual([
      'tidecast_matured_points{model="flights"} 42',
    ]);
  });

  it('leaves out what can no longer be said, and goes back to no earlier window', async () => {
    const made = opened();
    made.quality.accuracy(accuracyOf());
    made.quality.accuracy(
      accuracyOf({
        window: { kind: '7d', start: 1, end: 8, count: 3 },
        metrics: { mape: null, wape: 0.2 },
      }),
    );
    made.quality.accuracy(accuracyOf({ revision: 1 }));
    expect(await linesOf(made, 'forecast_model_accuracy')).toEqual([
      'forecast_model_accuracy{model="flights",metric="wape"} 0.2',
    ]);
  });

  it('forgets the roles that a model no longer has', async () => {
    const made = opened();
    const version = { model: 'flights', version: '1', sha256: 'a'.repeat(64) };
    made.quality.models([{ ...version, role: 'challenger' }]);
    made.quality.models([{ ...version, role: 'champion' }]);
    expect(await linesOf(made, 'tidecast_model_info')).toEqual([
      'tidecast_model_info{model="flights",version="1",role="champion",sha="aaaaaaaaaaaa"} 1',
    ]);
  });
});

describe('freshness', () => {
  const states = { fresh: 9_000, late: 900, stale: 90, dead: 10 };
  const many = (from: number): Freshness => ({
    states,
    stalest: Array.from({ length: 10_000 }, (_, at) => ({
      id: `s${from + at}`,
      ageMs: 1_000 * at,
    })),
    cadences: [{ cadence: '1h', periodMs: 3_600_000, lastEventMs: 7_000 }],
  });

  it('names 50 series at most, and keeps a scrape small with 10,000', async () => {
    let from = 0;
    const made = opened(() => many(from));
    for (let partition = 0; partition < 8; partition += 1) {
      made.task.lag({ stream: 's', topology: 'ingest', topic: 'flights', partition, records: 1 });
    }
    await made.text();
    // Others are the stalest now: those before must have gone.
    from = 20_000;
    const text = await made.text();
    expect(text.match(/entity_id=/g)).toHaveLength(50);
    expect(text).not.toContain('entity_id="s0"');
    expect(text).toContain('forecast_data_freshness_seconds{entity_id="s20007"} 7\n');
    expect(text).toContain('forecast_entities{state="stale"} 90\n');
    expect(text).toContain('tidecast_last_event_timestamp_seconds{cadence="1h"} 7\n');
    expect(text).toContain('tidecast_cadence_seconds{cadence="1h"} 3600\n');
    expect(text.length).toBeLessThan(32_768);
  });
});
