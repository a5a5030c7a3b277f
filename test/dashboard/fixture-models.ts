import type { ModelsResponse, ServedEvent } from '../../src/serving/responses.ts';
import { CHAMPION, HOUR_MS, NOW } from './fixture-series.ts';

const DAY_MS = 24 * HOUR_MS;

const comparison = (rival: string, improvement: number, pValue: number) => ({
  rival,
  candidateLoss: 0.71,
  rivalLoss: 0.71 / (1 - improvement),
  improvement,
  test: { pValue },
});

const PROMOTED_GATE = {
  promote: true,
  reasons: [],
  pairs: 412_608,
  targets: 672,
  comparisons: [comparison('20010526-91ae', 0.062, 0.0004), comparison('slot-mean', 0.214, 0)],
  checks: [
    { name: 'target times', passed: true, value: 672, limit: 672 },
    { name: 'improvement on 20010526-91ae', passed: true, value: 0.062, limit: 0.05 },
    { name: '|bias|', passed: true, value: 0.0065, limit: 0.02 },
  ],
};

const REJECTED_GATE = {
  ...PROMOTED_GATE,
  promote: false,
  reasons: ['improvement on 20010602-4f1c is 0.0131, the limit 0.05'],
  comparisons: [comparison('20010602-4f1c', 0.0131, 0.21), comparison('slot-mean', 0.221, 0)],
  checks: PROMOTED_GATE.checks.map((check) =>
    check.name.startsWith('improvement') ? { ...check, passed: false, value: 0.0131 } : check,
  ),
};

type ServedModel = ModelsResponse['models'][number];

const decision = (
  type: string,
  decidedAt: number,
  gate: unknown,
): ServedModel['events'][number] => ({
  type,
  decidedAt,
  actor: 'policy',
  reason: type === 'ModelRejected' ? 'improvement below its limit' : 'better than the champion',
  requestId: 'r-1',
  gate,
  voided: false,
});

const model = (version: string, role: ServedModel['role'], events: ServedModel['events']) => ({
  model: 'departures',
  stream: 'departures',
  version,
  sha256: version === CHAMPION.version ? CHAMPION.sha256 : `${version.slice(-4)}aa00bb11cc22dd33`,
  role,
  trainer: 'ridge',
  trainedFrom: NOW - 365 * DAY_MS,
  trainedTo: NOW - 2 * DAY_MS,
  rows: 1_842_133,
  events,
});

export const MODELS: ModelsResponse = {
  models: [
    model('20010526-91ae', 'former champion', [
      decision('ModelPromoted', NOW - 8 * DAY_MS, PROMOTED_GATE),
    ]),
    model(CHAMPION.version, 'champion', [
      decision('ModelPromoted', NOW - 35 * HOUR_MS, PROMOTED_GATE),
    ]),
    model('20010603-c07d', 'rejected', [
      decision('ModelRejected', NOW - 5 * HOUR_MS, REJECTED_GATE),
    ]),
    model('20010603-e511', 'challenger', []),
  ],
};

export const modelEvent = (type: string, version: string, at: number): ServedEvent => ({
  id: `models-0-${version}-${type}`,
  type: 'model',
  at,
  stream: 'departures',
  record: {
    type,
    model: 'departures',
    version,
    actor: 'policy',
    reason: type === 'ModelRejected' ? 'improvement below its limit' : 'better than the champion',
  },
});

const served = (
  [id, type]: readonly [string, ServedEvent['type']],
  at: number,
  record: object,
): ServedEvent => ({
  id,
  type,
  at,
  stream: 'departures',
  record: { ...record },
});

const adopted = (partition: number): ServedEvent =>
  served([`adopted-${partition}`, 'decision'], NOW - 34 * HOUR_MS, {
    type: 'ModelAdopted',
    role: 'champion',
    model: CHAMPION,
    effectiveFrom: NOW - 34 * HOUR_MS,
  });

const vacated = (partition: number): ServedEvent =>
  served([`vacated-${partition}`, 'decision'], NOW - 34 * HOUR_MS, {
    type: 'ModelAdopted',
    role: 'shadow',
    model: null,
    effectiveFrom: NOW - 34 * HOUR_MS,
  });

export const EVENTS: readonly ServedEvent[] = [
  served(['request-2', 'retraining-request'], NOW - 2 * HOUR_MS, {
    model: 'departures',
    reason: 'drift',
    evidence: {},
  }),
  served(['drift-1', 'drift'], NOW - 3 * HOUR_MS, {
    scope: 'series:ORD',
    detector: 'shift',
    effectSize: 0.41,
    correctedPValue: 0.031,
    state: 'suspected',
    episodeId: 'e-1',
    recent: { count: 168 },
  }),
  modelEvent('ModelRejected', '20010603-c07d', NOW - 5 * HOUR_MS),
  served(['alert-2', 'alert'], NOW - 30 * HOUR_MS, {
    id: 'a-1',
    kind: 'accuracy',
    severity: 'warning',
    state: 'resolved',
    message:
      'wapePercent of departures 20010602-4f1c over 7d is 13.2: it is within its limit again of 15',
  }),
  ...[0, 1, 2, 3].flatMap((partition) => [adopted(partition), vacated(partition)]),
  modelEvent('ModelPromoted', CHAMPION.version, NOW - 35 * HOUR_MS),
  modelEvent('ModelTrained', CHAMPION.version, NOW - 35 * HOUR_MS),
  served(['stale-1', 'decision'], NOW - 40 * HOUR_MS, {
    type: 'SeriesStale',
    seriesId: 'GUC',
    state: 'stale',
    lastEventTime: NOW - 62 * HOUR_MS,
  }),
];
