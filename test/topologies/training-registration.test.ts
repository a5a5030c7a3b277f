import { describe, expect, it } from 'vitest';
import { featureSchemaHash } from '../../src/schemas/feature-schema.ts';
import { EXTERNAL_TRAINER } from '../../src/schemas/model-event.ts';
import { linearForecaster } from '../support/linear-forecaster.ts';
import { memoryArtifactStore } from '../support/memory-artifact-store.ts';
import { modelRecord } from '../support/retraining-topologies.ts';
import {
  asked,
  benchOf,
  eventsIn,
  NOW,
  R1,
  schema,
  served,
  sha256Of,
  wish,
} from '../support/training-bench.ts';

const FOREIGN = Buffer.from('made elsewhere');
const SHA256 = sha256Of(FOREIGN);

/** Beside what others have trained, an artifact that nobody has heard of; it can be opened. */
const withForeign = async (featureSchema = schema) => {
  const { trainer, champion } = await served();
  const [fit] = trainer.fits.values();
  if (fit === undefined) throw new Error('nothing was trained');
  const artifacts = memoryArtifactStore();
  await artifacts.put(SHA256, FOREIGN);
  const open = async (_artifact: Uint8Array, name: string) => {
    const forecaster = linearForecaster(fit.model);
    const identity = { ...forecaster.identity, name };
    return { forecaster: { ...forecaster, identity }, featureSchema };
  };
  const bench = benchOf({ artifacts, open });
  return { ...bench, champion };
};

describe('training, asked to take in a version', () => {
  it('makes it a challenger, and asks neither the trainer nor the gate', async () => {
    const { driver, trainer, read } = await withForeign();
    const events = eventsIn(await driver.feed([wish('p', 'registration', SHA256)]));
    expect(events).toEqual([
      {
        ...{ type: 'ModelTrained', stream: 's', model: 'm', version: 'v', sha256: SHA256 },
        ...{ actor: 'ada', reason: 'passed review', requestId: 'p', decidedAt: NOW },
        ...{ gate: '{"asked":"registration"}', trainer: EXTERNAL_TRAINER, horizon: 24 },
        ...{ schemaHash: featureSchemaHash(schema), trainedFrom: 0, trainedTo: 0, rows: 0 },
      },
    ]);
    expect([trainer.inputs, read]).toEqual([[], []]);
  });

  it('lets it serve when a person says so, and be a rival of what is trained later', async () => {
    const { driver } = await withForeign();
    const story = [wish('p', 'registration', SHA256), wish('q', 'promotion', SHA256)];
    const [, up] = eventsIn(await driver.feed(story));
    expect(up).toMatchObject({ type: 'ModelPromoted', sha256: SHA256, version: 'v', previous: '' });
    const [, decided] = eventsIn(await driver.feed([asked(R1)]));
    expect(JSON.parse(decided?.gate ?? '')).toMatchObject({
      comparisons: [{ rival: 'champion' }, {}],
    });
  });

  it('takes the same bytes in once, also when its own event comes back', async () => {
    const { driver } = await withForeign();
    const [event] = eventsIn(await driver.feed([wish('p', 'registration', SHA256)]));
    if (event === undefined) throw new Error('it was not taken in');
    expect(eventsIn(await driver.feed([modelRecord(event)]))).toEqual([]);
    const again = [wish('p', 'registration', SHA256), wish('q', 'registration', SHA256)];
    expect(eventsIn(await driver.feed(again))).toEqual([]);
    driver.revive();
    expect(eventsIn(await driver.feed(again))).toEqual([]);
  });

  it('refuses another version of its name, and one whose artifact is not here', async () => {
    const { driver, artifacts } = await withForeign();
    await driver.feed([wish('p', 'registration', SHA256)]);
    const other = Buffer.from('other bytes');
    await artifacts.put(sha256Of(other), other);
    const [taken] = eventsIn(await driver.feed([wish('q', 'registration', sha256Of(other))]));
    expect(taken).toMatchObject({ type: 'ModelRejected', requestId: 'q', actor: 'ada' });
    expect(taken?.reason).toContain('another version is called "v"');
    const bench = benchOf();
    const [missing] = eventsIn(await bench.driver.feed([wish('p', 'registration', SHA256)]));
    expect(missing?.reason).toContain('its artifact is not here');
  });

  it('refuses what learnt from other features, and does not know it afterwards', async () => {
    const { driver } = await withForeign({ ...schema, terms: schema.terms.slice(1) });
    const [differs] = eventsIn(await driver.feed([wish('p', 'registration', SHA256)]));
    expect(differs).toMatchObject({ type: 'ModelRejected', sha256: SHA256 });
    expect(differs?.reason).toContain('only in the stream: ');
    const [unknown] = eventsIn(await driver.feed([wish('q', 'promotion', SHA256)]));
    expect(unknown?.reason).toMatch(/^no version with the sha256/);
  });
});
