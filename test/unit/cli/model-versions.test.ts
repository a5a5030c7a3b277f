import { describe, expect, it } from 'vitest';
import { modelVersions } from '../../../src/cli/model-versions.ts';
import type { ModelEvent } from '../../../src/schemas/model-event.ts';

const fields = (sha256: string, model = 'departures') => ({
  stream: 'departures',
  model,
  version: `v-${sha256}`,
  sha256,
  actor: 'trainer',
  reason: 'schedule',
  requestId: 'r',
  gate: '{}',
  decidedAt: 0,
});

const trained = (sha256: string, model?: string): ModelEvent => ({
  type: 'ModelTrained',
  ...fields(sha256, model),
  trainer: 'ridge',
  schemaHash: 'h',
  horizon: 24,
  trainedFrom: 0,
  trainedTo: 1,
  rows: 10,
});

const promoted = (sha256: string, previous: string): ModelEvent => ({
  type: 'ModelPromoted',
  ...fields(sha256),
  previous,
  effectiveFrom: 0,
});

const rolledBack = (sha256: string, previous: string): ModelEvent => ({
  type: 'ModelRolledBack',
  ...fields(sha256),
  previous,
});

const rolesOf = (...events: ModelEvent[]): Record<string, string> =>
  Object.fromEntries(modelVersions(events).map(({ trained: { sha256 }, role }) => [sha256, role]));

describe('modelVersions', () => {
  it('has a challenger until it is promoted or rejected', () => {
    expect(rolesOf(trained('a'))).toEqual({ a: 'challenger' });
    expect(rolesOf(trained('a'), promoted('a', ''))).toEqual({ a: 'champion' });
    expect(rolesOf(trained('a'), { type: 'ModelRejected', ...fields('a') })).toEqual({
      a: 'rejected',
    });
  });

  it('has one champion, and remembers the one before', () => {
    const events = [trained('a'), promoted('a', ''), trained('b'), promoted('b', 'a')];
    expect(rolesOf(...events)).toEqual({ a: 'former champion', b: 'champion' });
    expect(rolesOf(...events, rolledBack('a', 'b'))).toEqual({
      a: 'champion',
      b: 'former champion',
    });
  });

  it('takes a promotion that names another predecessor for void', () => {
    const events = [trained('a'), promoted('a', ''), trained('b'), promoted('b', 'gone')];
    expect(rolesOf(...events)).toEqual({ a: 'champion', b: 'challenger' });
    expect(modelVersions(events)[1]?.voided).toHaveLength(1);
  });

  it('keeps models apart', () => {
    expect(rolesOf(trained('a'), trained('c', 'other'), promoted('a', ''))).toEqual({
      a: 'champion',
      c: 'challenger',
    });
  });

  it('passes over events of versions that it has not seen trained', () => {
    expect(rolesOf(promoted('x', ''))).toEqual({});
  });
});
