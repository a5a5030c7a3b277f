import { describe, expect, it } from 'vitest';
import type { Accuracy } from '../../../src/schemas/accuracy.ts';
import type { Metrics } from '../../../src/telemetry/metrics.ts';
import type { KnownQuality } from '../../../src/telemetry/quality-metrics.ts';
import { linesOf, opened } from './opened-metrics.ts';

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

describe('accuracy', () => {
  const champion = { model: 'flights', version: '1', role: 'champion', sha256: 'ab' };
  const challenger = { model: 'flights', version: '2', role: 'challenger', sha256: 'cd' };
  const shadow = { name: 'flights', version: '2', sha256: 'cd', role: 'shadow' } as const;
  const ofShadow = accuracyOf({ model: shadow, metrics: { mape: 11 } });

  /** What a scrape shows, one after the other. */
  const told = (made: Metrics, accuracies: readonly Accuracy[], rest: Partial<KnownQuality> = {}) =>
    made.quality.tell({
      ...{ accuracies, models: [champion, challenger], nowMs: 8, episodes: [], alerts: [] },
      ...rest,
    });

  it('is that of the champion, in the window shown', async () => {
    const made = opened();
    told(made, [
      accuracyOf(),
      accuracyOf({ window: { kind: '1d', start: 0, end: 9, count: 1 }, metrics: { mape: 99 } }),
      accuracyOf({ scope: 'group:state=CA', metrics: { mape: 98 } }),
      ofShadow,
    ]);
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

  it('leaves out what can no longer be said', async () => {
    const made = opened();
    told(made, [accuracyOf()]);
    told(made, [accuracyOf({ metrics: { mape: null, wape: 0.2 } })]);
    expect(await linesOf(made, 'forecast_model_accuracy')).toEqual([
      'forecast_model_accuracy{model="flights",metric="wape"} 0.2',
    ]);
  });

  it('goes with the role of its version: one promoted or rejected is scored no more', async () => {
    const made = opened();
    told(made, [accuracyOf(), ofShadow]);
    // The second one serves now, and nothing that it forecast as champion has matured.
    told(made, [accuracyOf(), ofShadow], { models: [{ ...challenger, role: 'champion' }] });
    expect(await linesOf(made, 'forecast_model_accuracy')).toEqual([]);
    expect(await linesOf(made, 'tidecast_candidate_accuracy')).toEqual([]);
    // The ladder has no version that could lose it.
    const ladder = { name: 'flights', version: 'naive-ladder', sha256: '', role: 'fallback' };
    const ofLadder = accuracyOf({ model: ladder as Accuracy['model'], metrics: { mape: 20 } });
    told(made, [ofLadder], { models: [] });
    expect(await linesOf(made, 'tidecast_candidate_accuracy')).toEqual([
      'tidecast_candidate_accuracy{model="flights",role="fallback",metric="mape"} 20',
    ]);
  });

  it('ends when its window has been over for as long as it was', async () => {
    const made = opened();
    told(made, [accuracyOf()], { nowMs: 14 });
    expect(await linesOf(made, 'forecast_model_accuracy')).toHaveLength(4);
    told(made, [accuracyOf()], { nowMs: 15 });
    expect(await linesOf(made, 'forecast_model_accuracy')).toEqual([]);
    expect(await linesOf(made, 'tidecast_matured_points')).toEqual([]);
  });

  it('is told beside drift and alerts, while they are open', async () => {
    const made = opened();
    told(made, [], {
      episodes: [{ stream: 'departures', model: 'flights', count: 3 }],
      alerts: [{ stream: 'departures', kind: 'drift', severity: 'critical', count: 1 }],
    });
    expect(await linesOf(made, 'tidecast_drift_episodes')).toEqual([
      'tidecast_drift_episodes{stream="departures",model="flights"} 3',
    ]);
    expect(await linesOf(made, 'tidecast_open_alerts')).toEqual([
      'tidecast_open_alerts{stream="departures",kind="drift",severity="critical"} 1',
    ]);
    told(made, []);
    expect(await linesOf(made, 'tidecast_drift_episodes')).toEqual([]);
  });

  it('is told beside the roles that models have, and not those that they had', async () => {
    const made = opened();
    const version = { model: 'flights', version: '1', sha256: 'a'.repeat(64) };
    told(made, [], { models: [{ ...version, role: 'challenger' }] });
    told(made, [], { models: [{ ...version, role: 'champion' }] });
    expect(await linesOf(made, 'tidecast_model_info')).toEqual([
      'tidecast_model_info{model="flights",version="1",role="champion",sha="aaaaaaaaaaaa"} 1',
    ]);
  });
});
