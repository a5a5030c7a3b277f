import { describe, expect, it } from 'vitest';
import { TidecastError } from '../../src/core/errors.ts';
import { RegistryError } from '../../src/registry/errors.ts';
import type { ModelAdopted } from '../../src/schemas/decision.ts';
import { noForecastMetrics } from '../../src/streams/metrics.ts';
import type { ModelShelf } from '../../src/streams/topologies/forecasting/model-shelf.ts';
import { constantShelf, constantsOf } from '../support/constant-shelf.ts';
import {
  completeTo,
  forecastingDriver,
  observed,
  type ForecastingDriverOptions,
} from '../support/forecasting-driver.ts';
import { at, HORIZON, promoted, servedBy, trained } from '../support/model-story.ts';
import type { TopologyDriver } from '../support/topology-driver.ts';

/** Of a stream whose features were changed: the versions named were trained before. */
const changedShelf = (misfits: ReadonlySet<string>): ModelShelf => {
  const constants = constantShelf(HORIZON);
  return {
    load: async (model) =>
      constants.load(misfits.has(model.version) ? { ...model, version: 'mismatched' } : model),
  };
};

const driven = (given: ForecastingDriverOptions): TopologyDriver =>
  forecastingDriver({ horizon: HORIZON, historyNeeded: 0, ...given });

describe('models that were adopted', () => {
  it('leave their rows to the ladder, or nobody, once features were changed', async () => {
    const misfits = new Set<string>();
    const told: string[] = [];
    const counted: string[] = [];
    const options: ForecastingDriverOptions = {
      shelf: changedShelf(misfits),
      onMisfit: ({ role, version }, error) => {
        told.push(`${role} ${version} ${error instanceof TidecastError ? error.code : ''}`);
      },
      metrics: {
        ...noForecastMetrics,
        predicted: ({ role, status, count }) => counted.push(`${role} ${status} ${count}`),
        fellBack: ({ count }) => counted.push(`ladder ${count}`),
      },
    };
    const driver = driven(options);
    await driver.feed([observed('a', at(0)), observed('b', at(0)), completeTo(at(1))]);
    await driver.feed([promoted('1', '', at(1)), trained('2'), completeTo(at(2))]);
    counted.length = 0;
    for (const version of ['1', '2']) misfits.add(version);
    driver.revive();
    const sent = await driver.feed([completeTo(at(3))]);
    expect(servedBy(sent)).toEqual(['2 fallback naive-ladder', '2 fallback naive-ladder']);
    expect(told).toEqual(['champion 1 MODEL_SCHEMA_MISMATCH', 'shadow 2 MODEL_SCHEMA_MISMATCH']);
    expect(counted).toEqual(['champion failure 2', 'ladder 2', 'shadow failure 2']);
    // The next one fits, and names the one that did not as its predecessor.
    const next = await driver.feed([promoted('3', '1', at(4)), completeTo(at(5))]);
    const ladder = ['3 fallback naive-ladder', '3 fallback naive-ladder'];
    expect(servedBy(next)).toEqual([...ladder, '4 champion 3', '4 champion 3']);
  });

  it('leave the same rows however their input is cut into batches', async () => {
    const shelf = changedShelf(new Set(['1', '2']));
    const story = [
      ...[observed('a', at(0)), completeTo(at(1)), observed('b', at(1)), observed('a', at(2))],
      ...[completeTo(at(3)), observed('a', at(3)), completeTo(at(6))],
    ];
    const adoption = { type: 'ModelAdopted', stream: 's', task: 'forecasting.0' } as const;
    const decided: ModelAdopted[] = (['champion', 'shadow'] as const).map((role, index) => ({
      ...adoption,
      role,
      model: { name: 'm', version: String(index + 1), sha256: `sha-${index + 1}`, role },
      effectiveFrom: at(2),
      source: { topic: 's.observations', partition: 0, offset: 0 },
    }));
    const options = { shelf, pinned: () => decided, onMisfit: () => undefined };
    const [whole, cut] = [driven(options), driven(options)];
    await whole.feed(story);
    for (const record of story) await cut.feed([record]);
    expect(servedBy(cut.sent)).toEqual(servedBy(whole.sent));
    expect(constantsOf(cut.sent)).toEqual(constantsOf(whole.sent));
    expect(new Set(servedBy(whole.sent).map((text) => text.slice(2)))).toEqual(
      new Set(['fallback naive-ladder']),
    );
    expect(servedBy(whole.sent).length).toBeGreaterThan(8);
  });

  it('are tried again while their artifact is missing: it may be restored', async () => {
    let isMissing = false;
    const counted: string[] = [];
    const constants = constantShelf(HORIZON);
    const driver = driven({
      metrics: {
        ...noForecastMetrics,
        predicted: ({ status, count }) => counted.push(`${status} ${count}`),
      },
      shelf: {
        load: async (model) => {
          if (isMissing) throw new RegistryError('ARTIFACT_MISSING', 'it is not here');
          return constants.load(model);
        },
      },
    });
    await driver.feed([observed('a', at(0)), completeTo(at(1)), promoted('1', '')]);
    isMissing = true;
    counted.length = 0;
    await expect(driver.feed([completeTo(at(2))])).rejects.toMatchObject({
      code: 'TASK_MODEL_FAILED',
      retriable: true,
    });
    // Nothing of it is ever committed: each try is told when it fails.
    expect(counted).toEqual(['failure 1']);
    isMissing = false;
    driver.revive();
    expect(servedBy(await driver.feed([completeTo(at(2))]))).toEqual(['1 champion 1']);
    expect(counted).toEqual(['failure 1', 'success 1']);
  });

  it('are counted by what they said themselves, once it is committed', async () => {
    const counted: string[] = [];
    const driver = driven({
      historyNeeded: 1,
      shelf: constantShelf(HORIZON),
      metrics: {
        ...noForecastMetrics,
        predicted: ({ role, status, count }) => counted.push(`${role} ${status} ${count}`),
        fellBack: ({ count }) => counted.push(`ladder ${count}`),
      },
    });
    await driver.feed([observed('a', at(0)), observed('c', at(0)), completeTo(at(1))]);
    await driver.feed([promoted('1', '', at(1)), trained('2'), completeTo(at(2))]);
    counted.length = 0;
    // The one in the middle is new, and no model speaks for it yet.
    const next = [...['a', 'b', 'c'].map((id) => observed(id, at(2))), completeTo(at(3))];
    await driver.feedInVain(next);
    expect(counted).toEqual([]);
    const sent = await driver.feed(next);
    expect(servedBy(sent)).toHaveLength(5);
    expect(counted).toEqual(['champion success 2', 'ladder 1', 'shadow success 2']);
  });
});
