import { describe, expect, it } from 'vitest';
import { foldRecent, modelVersions, NO_VERSIONS } from '../../../src/registry/model-fold.ts';
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

  it('lets no rejection or archive end the tenure of a champion', () => {
    const crowned = [trained('a'), promoted('a', '')];
    // The same bytes, trained again for another request.
    const again: ModelEvent[] = [trained('a'), { type: 'ModelRejected', ...fields('a') }];
    expect(rolesOf(...crowned, ...again)).toEqual({ a: 'champion' });
    expect(rolesOf(...crowned, { type: 'ModelArchived', ...fields('a') })).toEqual({
      a: 'champion',
    });
    const former = [...crowned, trained('b'), promoted('b', 'a')];
    expect(rolesOf(...former, { type: 'ModelArchived', ...fields('a') })).toEqual({
      a: 'archived',
      b: 'champion',
    });
  });

  it('has a challenger again when rejected bytes are trained again', () => {
    const rejected: ModelEvent[] = [trained('a'), { type: 'ModelRejected', ...fields('a') }];
    expect(rolesOf(...rejected, trained('a'))).toEqual({ a: 'challenger' });
    expect(modelVersions([...rejected, trained('a')])[0]?.events).toHaveLength(3);
  });

  it('passes over the refusal of a request that made no artifact', () => {
    expect(rolesOf(trained('a'), { type: 'ModelRejected', ...fields('') })).toEqual({
      a: 'challenger',
    });
  });

  it('says for how long each served, on data that are far older than the clock', () => {
    const by = (type: 'gate' | 'person', at: number) =>
      type === 'gate' ? { effectiveFrom: at } : { decidedAt: 1_000 + at };
    const events = [
      ...['a', 'b', 'c'].map((sha256) => trained(sha256)),
      { ...promoted('a', ''), ...by('gate', 10) },
      { ...promoted('b', 'a'), ...by('person', 1) },
      // In event time before what the clock says of the person, and decided after it.
      { ...promoted('c', 'b'), ...by('gate', 20) },
      { ...promoted('a', 'gone'), ...by('gate', 25) },
      { ...rolledBack('a', 'c'), ...by('person', 2) },
    ];
    const tenures = modelVersions(events).map((version) => [
      version.trained.sha256,
      version.tenures.map(({ from, until }) => [from, until]),
    ]);
    expect(Object.fromEntries(tenures)).toEqual({
      a: [
        [10, 20],
        [1_002, Infinity],
      ],
      b: [],
      c: [[20, 1_002]],
    });
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

describe('foldRecent', () => {
  it('forgets old versions, but never the champion', () => {
    const events = [trained('a'), promoted('a', '')];
    for (let version = 0; version < 300; version += 1) events.push(trained(`v${version}`));
    const { champion, versions } = events.reduce(foldRecent, NO_VERSIONS);
    expect(champion).toBe('a');
    expect(versions).toHaveLength(257);
    expect(versions[0]).toMatchObject({ sha256: 'a', role: 'champion' });
    expect(versions.at(-1)?.sha256).toBe('v299');
  });
});
