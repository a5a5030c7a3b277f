import { describe, expect, it } from 'vitest';
import { factLine } from '../../../src/cli/run/fact-lines.ts';
import { openFactLog } from '../../../src/cli/run/fact-log.ts';
import { TASK_ROLES, type TaskRole } from '../../../src/cli/run/stream-topologies.ts';
import type { Decision } from '../../../src/schemas/decision.ts';
import type { DriftSignal } from '../../../src/schemas/drift-signal.ts';
import type { ModelEvent } from '../../../src/schemas/model-event.ts';
import type { RetrainingRequest } from '../../../src/schemas/retraining-request.ts';
import * as types from '../../../src/schemas/value-types.ts';
import { notedLogger } from '../../support/noted-logger.ts';
import { accuracyOf, promoted, START, trained, ViewedLog } from '../../support/online-view.ts';
import { CHAMPION } from '../../support/scores.ts';

const rejected = (version: string, reason: string): ModelEvent => {
  const { actor, requestId, gate, decidedAt, stream, model, sha256 } = trained(version);
  const said = { actor, requestId, gate, decidedAt, stream, model, reason };
  return version === ''
    ? { type: 'ModelRejected', ...said, version: 'v9', sha256: '' }
    : { type: 'ModelRejected', ...said, version, sha256 };
};

const adopted: Decision = {
  type: 'ModelAdopted',
  stream: 'departures',
  task: 'forecasting.1',
  role: 'champion',
  model: CHAMPION,
  effectiveFrom: START,
  source: { topic: 'departures.observations', partition: 1, offset: 4 },
};

const drifted: DriftSignal = {
  scope: 'series:ATL',
  stream: 'departures',
  model: 'departures',
  detector: 'shift',
  statistic: 3,
  pValue: 0.001,
  correctedPValue: 0.01,
  effectSize: 0.4,
  reference: { start: 0, end: 1, count: 9, mean: 1 },
  recent: { start: 1, end: 2, count: 9, mean: 2 },
  severity: 'warning',
  episodeId: 'e1',
  state: 'confirmed',
};

const asked: RetrainingRequest = {
  id: 'r7',
  model: 'departures',
  stream: 'departures',
  reason: 'drift',
  evidence: '{}',
  trainingWindow: { start: 0, end: START, offsets: [] },
};

const place = { topic: 't', partition: 0, offset: 0, appendedAtMs: 0 };
const stream = 'departures';

describe('the line about', () => {
  it.each([
    ['model', trained('v1'), 'info model-trained: departures@v1 trained: schedule'],
    ['model', promoted('v1'), 'info model-promoted: departures@v1 promoted: schedule'],
    ['model', rejected('v2', 'no gain'), 'warn model-rejected: departures@v2 rejected: no gain'],
    [
      'model',
      rejected('', 'too few rows'),
      'warn model-rejected: no model of departures could be trained: too few rows',
    ],
    [
      'decision',
      adopted,
      `info model-adopted: departures.forecasting.1 has ${CHAMPION.name}@${CHAMPION.version} ` +
        'as champion from 2001-05-15T00:00:00Z on',
    ],
    ['drift', drifted, 'info drift-confirmed: drift of departures confirmed: series:ATL, by shift'],
    [
      'retraining-request',
      asked,
      'info retraining-requested: training of departures requested on 1970-01-01T00:00:00Z to ' +
        '2001-05-15T00:00:00Z: drift',
    ],
  ] as const)('a %s says what and why', (kind, value, said) => {
    // Kind and value of each row belong together.
    const line = factLine({ kind, stream, value, place } as Parameters<typeof factLine>[0]);
    expect(`${line?.level} ${line?.action}: ${line?.message}`).toBe(said);
    expect(line?.labels).toMatchObject({ stream });
  });

  it('accuracy is none: it comes too often', () => {
    expect(factLine({ kind: 'accuracy', stream, value: accuracyOf(), place })).toBeUndefined();
  });
});

const opened = async (roles: readonly TaskRole[]) => {
  const viewed = new ViewedLog();
  await viewed.ensureTopics();
  await viewed.models(trained('v0'));
  const logger = notedLogger();
  const { log, registry, clock } = viewed;
  const facts = await openFactLog({
    opened: {
      ...{ log, registry, isRemote: false, ownerPid: 1 },
      share: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    ...{ topicPrefix: '', streams: [stream], roles, clock, logger },
  });
  return { viewed, facts, actions: () => logger.lines.map(({ fields }) => fields.action) };
};

describe('the log of facts', () => {
  it('says all that was committed while it was open, and nothing from before', async () => {
    const { viewed, facts, actions } = await opened(TASK_ROLES);
    await viewed.models(trained('v1'), promoted('v1'), { ...trained('x'), stream: 'other' });
    const drift = { topic: 'departures.drift', partition: 1 };
    await viewed.append(types.driftSignalType, drift, [drifted]);
    await facts.close();
    expect(actions().toSorted()).toEqual(['drift-confirmed', 'model-promoted', 'model-trained']);
  });

  it('leaves to other processes what their roles write', async () => {
    const { viewed, facts, actions } = await opened(['ingest', 'retraining']);
    await viewed.models(trained('v1'));
    const requests = { topic: 'retraining-requests' };
    await viewed.append(types.retrainingRequestType, requests, [asked]);
    await facts.close();
    expect(actions()).toEqual(['retraining-requested']);
  });

  it('says nothing where no role is worth a line, and closes at once', async () => {
    const { facts, actions } = await opened(['ingest']);
    await facts.close();
    expect(actions()).toEqual([]);
  });
});
