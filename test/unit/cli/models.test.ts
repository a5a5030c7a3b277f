import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metadataEntries, type ArtifactMetadata } from '../../../src/models/artifact.ts';
import { GraphBuilder } from '../../../src/models/onnx/graph-builder.ts';
import { folderArtifactStore } from '../../../src/registry/folder/folder-artifact-store.ts';
import type { ModelEvent } from '../../../src/schemas/model-event.ts';
import { modelEventType } from '../../../src/schemas/value-types.ts';
import { hourlySchema } from '../../support/hourly-schema.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const common = (sha256: string) => ({
  stream: 'departures',
  model: 'departures',
  version: `v${sha256.slice(0, 1)}`,
  sha256,
  actor: 'trainer',
  reason: 'schedule',
  requestId: 'r1',
  gate: '{"checks":[{"name":"gain","passed":true,"value":0.07123456,"limit":0.05}]}',
  decidedAt: Date.UTC(2001, 4, 1),
});

const trained = {
  ...{ trainer: 'ridge', schemaHash: 'h', horizon: 24, rows: 1_234 },
  trainedFrom: Date.UTC(2001, 0, 1),
  trainedTo: Date.UTC(2001, 4, 1),
};

const appendEvent = async (line: CommandLine, topic: string, event: ModelEvent): Promise<void> => {
  const value = await line.written(modelEventType, event);
  line.log.append(topic, 0, [{ key: Buffer.from(event.model), value }]);
};

const withModels = async (prefix = ''): Promise<CommandLine> => {
  const line = new CommandLine();
  const name = `${prefix}models`;
  await line.log.ensureTopics([{ name, partitions: 1, cleanup: 'keep' }]);
  const append = (event: ModelEvent): Promise<void> => appendEvent(line, name, event);
  await append({ type: 'ModelTrained', ...common('aaaa1111bbbb2222'), ...trained });
  await append({
    type: 'ModelPromoted',
    ...common('aaaa1111bbbb2222'),
    previous: '',
    effectiveFrom: 0,
  });
  await append({ type: 'ModelTrained', ...common('ccccdddd'), ...trained });
  return line;
};

const storeOf = (data: string) => folderArtifactStore(join(data, 'artifacts'));

/** An ONNX model that gives back what it gets. */
const artifactOf = (more: Pick<ArtifactMetadata, 'members'>) => {
  const metadata = metadataEntries({
    ...{ featureSchema: hourlySchema(), horizon: 24, strategy: 'direct', transform: 'none' },
    ...{ missing: 'nan', ...more },
  });
  const shape = { inputWidth: 24, outputWidth: 24 };
  const bytes = new GraphBuilder().finish(GraphBuilder.input, shape, metadata);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};

describe('tidecast models list', () => {
  it('names versions with their roles', async () => {
    const { out } = await (await withModels()).call('models', 'list');
    const [header, champion, challenger] = out.split('\n').map((row) => row.split(/ {2,}/));
    expect(header?.slice(0, 4)).toEqual(['MODEL', 'STREAM', 'VERSION', 'ROLE']);
    expect(champion).toEqual([
      ...['departures', 'departures', 'va', 'champion', 'ridge'],
      ...['2001-05-01T00:00:00Z', '1234', 'aaaa1111bbbb'],
    ]);
    expect(challenger?.slice(2, 4)).toEqual(['vc', 'challenger']);
  });

  it('is empty before anything was trained', async () => {
    expect(await new CommandLine().json('models', 'list')).toEqual([]);
  });

  it('reads the topic that the configured prefix names', async () => {
    const line = await withModels('team.');
    expect(await line.json('models', 'list', '--set', 'kafka.topicPrefix=team.')).toHaveLength(2);
    expect(await line.json('models', 'list', '--stream', 'other')).toEqual([]);
  });
});

describe('tidecast models show', () => {
  it('tells what happened to the champion, by whom and why', async () => {
    const { out } = await (await withModels()).call('models', 'show', 'departures');
    expect(out).toContain('departures@va (champion) of departures');
    expect(out).toContain('trained   on 1234 rows by ridge');
    expect(out).toContain('2001-05-01T00:00:00Z  ModelPromoted by trainer: schedule\nGATE');
    expect(out).toMatch(/^gain +0\.07123 +0\.05 +passed$/m);
  });

  it('finds a version by its name or the beginning of its sha256', async () => {
    const line = await withModels();
    for (const name of ['departures@vc', 'departures@cccc']) {
      expect(await line.json('models', 'show', name)).toMatchObject([{ role: 'challenger' }]);
    }
  });

  it('names the members of an average, where its artifact is here', async () => {
    const line = await withModels();
    const data = await temporaryFolder();
    const ofAverage = artifactOf({ members: ['ridge', 'log-trees'] });
    await storeOf(data).put(ofAverage.sha256, ofAverage.bytes);
    const alone = artifactOf({});
    await storeOf(data).put(alone.sha256, alone.bytes);
    for (const { sha256 } of [ofAverage, alone]) {
      const version = `v${sha256.slice(0, 8)}`;
      const event = { ...common(sha256), ...trained, version };
      await appendEvent(line, 'models', { type: 'ModelTrained', ...event });
    }
    const show = (sha256: string, ...args: string[]) =>
      line.call('models', 'show', `departures@${sha256}`, '--set', `data=${data}`, ...args);
    expect((await show(ofAverage.sha256)).out).toContain('\n  members   ridge, log-trees\n');
    const { out } = await show(ofAverage.sha256, '--json');
    expect(JSON.parse(out)).toMatchObject({ members: ['ridge', 'log-trees'] });
    expect((await show(alone.sha256)).out).not.toContain('members');
    expect((await line.call('models', 'show', 'departures')).out).not.toContain('members');
  });

  it.each([
    ['arrivals', 'there is no model arrivals; models: departures'],
    ['departures@x', 'there is no version departures@x; versions: departures@va, departures@vc'],
    ['departures@', 'departures@ is several versions; versions: departures@va, departures@vc'],
  ])('refuses %s and names what there is', async (name, message) => {
    const outcome = await (await withModels()).call('models', 'show', name);
    expect(outcome.code).toBe(2);
    expect(outcome.err).toContain(message);
  });

  it('says that nothing of a line serves yet, and what to ask for', async () => {
    const line = new CommandLine();
    await line.log.ensureTopics([{ name: 'models', partitions: 1, cleanup: 'keep' }]);
    await appendEvent(line, 'models', { type: 'ModelTrained', ...common('ccccdddd'), ...trained });
    const { err } = await line.call('models', 'show', 'departures');
    expect(err).toContain('departures has no champion yet; versions: departures@vc');
  });
});

describe('tidecast models promote and rollback', () => {
  const requests = (line: CommandLine) => line.json('topics', 'read', 'retraining-requests');

  it('ask for a champion by a request, with who and why', async () => {
    const line = await withModels();
    const args = ['--actor', 'ada', '--note', 'passed review'];
    const [said] = await line.json('models', 'promote', 'departures@cccc', ...args);
    const [record] = await requests(line);
    expect(record).toMatchObject({ key: 'departures', type: 'RetrainingRequest', value: said });
    expect(said).toMatchObject({
      model: 'departures',
      stream: 'departures',
      reason: 'promotion',
      evidence: '{"actor":"ada","note":"passed review","sha256":"ccccdddd","version":"vc"}',
    });
  });

  it('go back to the champion before this one', async () => {
    const line = await withModels();
    const none = await line.call('models', 'rollback', 'departures');
    expect(none).toMatchObject({ code: 2 });
    expect(none.err).toContain('no version of departures served before');
    await appendEvent(line, 'models', {
      type: 'ModelPromoted',
      ...common('ccccdddd'),
      previous: 'aaaa1111bbbb2222',
      effectiveFrom: 0,
    });
    const { code, out } = await line.call('models', 'rollback', 'departures');
    expect(code).toBe(0);
    expect(out).toMatch(/^rollback of departures@va requested as [0-9a-f]{32}\n$/);
    expect(await requests(line)).toMatchObject([{ value: { reason: 'rollback' } }]);
    // Nothing is asked for by what is only a part of the history.
    line.abort.abort();
    const stopped = await line.call('models', 'rollback', 'departures');
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain('(INTERRUPTED)');
  });

  describe('of a version that the gate rejected', () => {
    const withRejected = async (): Promise<CommandLine> => {
      const line = await withModels();
      const gate = JSON.stringify({
        checks: [{ name: 'gain', passed: false, value: 0.01, limit: 0.05 }],
        models: [{ name: 'candidate', wape: 0.3, bias: 0.02 }],
      });
      const reason = 'gain 0.01 is below 0.05';
      const event = { type: 'ModelRejected', ...common('ccccdddd'), reason, gate } as const;
      await appendEvent(line, 'models', event);
      return line;
    };

    it.each(['promote', 'rollback'])('show its numbers and ask for --force: %s', async (verb) => {
      const line = await withRejected();
      const refused = await line.call('models', verb, 'departures@vc');
      expect(refused).toMatchObject({ code: 2, out: '' });
      expect(refused.err).toContain('departures@vc rejected: gain 0.01 is below 0.05');
      expect(refused.err).toMatch(/^GATE +VALUE +LIMIT\ngain +0\.01 +0\.05 +failed$/m);
      expect(refused.err).toContain('let it serve all the same with --force');
      const topics = (await line.log.topics()).map(({ definition }) => definition.name);
      expect(topics).not.toContain('retraining-requests');
    });

    it('ask for it all the same when they are told to', async () => {
      const line = await withRejected();
      const forced = await line.call('models', 'promote', 'departures@vc', '--force');
      expect(forced).toMatchObject({ code: 0 });
      expect(forced.err).toContain('gain 0.01 is below 0.05');
      expect(await requests(line)).toHaveLength(1);
    });
  });

  it('refuse what serves already', async () => {
    const outcome = await (await withModels()).call('models', 'promote', 'departures');
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain('departures serves already: name a version');
  });
});
