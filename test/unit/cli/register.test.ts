import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import { streamParts } from '../../../src/cli/run/stream-parts.ts';
import { metadataEntries, type ArtifactMetadata } from '../../../src/models/artifact.ts';
import { GraphBuilder } from '../../../src/models/onnx/graph-builder.ts';
import { folderArtifactStore } from '../../../src/registry/folder/folder-artifact-store.ts';
import { rowShape, rowWidth } from '../../../src/schemas/feature-schema.ts';
import { EXTERNAL_TRAINER, type ModelEvent } from '../../../src/schemas/model-event.ts';
import { modelEventType } from '../../../src/schemas/value-types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const HORIZON = 24;
const STREAM = `
    source: { topic: flights, format: json, series: origin, time: date }
    frequency: 1h
    aggregate: count
    model: { name: planes }
`;

/** A configuration with one stream, a model of its features, and a command line for both. */
const prepared = async (more: Partial<ArtifactMetadata> = {}, width = 0) => {
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  await writeFile(file, `data: ${join(folder, 'data')}\nstreams:\n  departures:${STREAM}`);
  const config = loadConfig({ env: {}, file });
  const [stream] = config.streams;
  if (stream === undefined) throw new Error('no stream');
  const { features: featureSchema } = streamParts(config, stream);
  const metadata = metadataEntries({
    ...{ featureSchema, horizon: HORIZON, strategy: 'direct', transform: 'none', missing: 'zero' },
    ...more,
  });
  const graph = new GraphBuilder();
  const range = [0, HORIZON, 1].map((one) => graph.integers([one]));
  const first = graph.node('Slice', [GraphBuilder.input, ...range]);
  const inputWidth = width === 0 ? rowWidth(rowShape(featureSchema)) : width;
  const bytes = graph.finish(first, { inputWidth, outputWidth: HORIZON }, metadata);
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytes);
  const line = new CommandLine();
  line.env = { TIDECAST_CONFIG: file };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const artifacts = folderArtifactStore(join(folder, 'data', 'artifacts'));
  return { line, folder, path, sha256, artifacts, featureSchema };
};

const requests = async (line: CommandLine): Promise<readonly object[]> => {
  const topics = (await line.log.topics()).map(({ definition }) => definition.name);
  return topics.includes('retraining-requests')
    ? line.json('topics', 'read', 'retraining-requests')
    : [];
};

const registered = (sha256: string, version: string): ModelEvent => ({
  ...{ type: 'ModelTrained', stream: 'departures', model: 'planes', version, sha256 },
  ...{ actor: 'ada', reason: 'ridge', requestId: 'r', gate: '{}', decidedAt: 0 },
  ...{ trainer: EXTERNAL_TRAINER, schemaHash: 'h', horizon: HORIZON },
  ...{ trainedFrom: 0, trainedTo: 0, rows: 0 },
});

const append = async (line: CommandLine, event: ModelEvent): Promise<void> => {
  await line.log.ensureTopics([{ name: 'models', partitions: 1, cleanup: 'keep' }]);
  const value = await line.written(modelEventType, event);
  line.log.append('models', 0, [{ key: Buffer.from('planes'), value }]);
};

describe('tidecast models register', () => {
  it('keeps the artifact and asks for it to be taken in, with who and what', async () => {
    const { line, path, sha256, artifacts } = await prepared();
    const args = ['--name', 'ridge-1', '--actor', 'ada', '--note', 'a ridge'];
    const [said] = await line.json('models', 'register', path, ...args);
    expect(await requests(line)).toMatchObject([{ key: 'planes', value: said }]);
    expect(said).toMatchObject({
      ...{ model: 'planes', stream: 'departures', reason: 'registration' },
      evidence: JSON.stringify({ actor: 'ada', note: 'a ridge', sha256, version: 'ridge-1' }),
    });
    expect(await artifacts.get(sha256)).toBeDefined();
  });

  it('names a version by its bytes where nobody does, and says how it comes to serve', async () => {
    const { line, path, sha256 } = await prepared();
    const { out, err } = await line.call('models', 'register', path);
    const name = `planes@${sha256.slice(0, 12)}`;
    expect(out).toMatch(new RegExp(`^registration of ${name} requested as [0-9a-f]{32}\n$`));
    expect(err).toContain(`tidecast models promote ${name} lets it serve`);
  });

  it('says whose trainer and window nobody knows', async () => {
    const { line, sha256 } = await prepared();
    await append(line, registered(sha256, 'ridge-1'));
    const { out } = await line.call('models', 'list');
    expect(out).toMatch(/ridge-1 +challenger +external +- +- +[0-9a-f]{12}$/m);
    expect((await line.call('models', 'show', 'planes@ridge-1')).out).toContain('elsewhere');
  });

  it('waits until it is taken in, where something runs', async () => {
    const { line, path, sha256 } = await prepared();
    const lonely = await line.call('models', 'register', path, '--wait');
    expect(lonely).toMatchObject({ code: 2 });
    expect(await requests(line)).toEqual([]);
    line.isRemote = true;
    line.onOut = (text) => {
      const requestId = /[0-9a-f]{32}/.exec(text)?.[0] ?? '';
      line.onOut = () => undefined;
      void append(line, { ...registered(sha256, 'ridge-1'), requestId });
    };
    const { out } = await line.call('models', 'register', path, '--name', 'ridge-1', '--wait');
    expect(out).toContain('planes@ridge-1 registered: ridge\n');
  });

  it.each<[string, string, Parameters<typeof prepared>]>([
    ['of too few columns', 'must be [rows,', [{}, 30]],
    ['that is fed back', 'only "direct" and "per-step"', [{ strategy: 'recursive' }]],
    ['of another horizon', 'write the same into both', [{ horizon: 12 }]],
  ])('refuses a model %s', async (_what, message, given) => {
    const { line, path, sha256, artifacts } = await prepared(...given);
    const outcome = await line.call('models', 'register', path);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain(message);
    expect(await requests(line)).toEqual([]);
    expect(await artifacts.get(sha256)).toBeUndefined();
  });

  it('refuses a model of other features, by what differs', async () => {
    const { featureSchema } = await prepared();
    const other = { ...featureSchema, timeZone: 'Europe/Berlin' };
    const { line, path } = await prepared({ featureSchema: other });
    const outcome = await line.call('models', 'register', path);
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain('timeZone: "Europe/Berlin" in the model, "UTC" in the stream');
  });

  it('refuses what is no model or not there, and names that cannot be asked for', async () => {
    const { line, folder, path } = await prepared();
    for (const [args, message] of [
      [[join(folder, 'tidecast.yaml')], 'MODEL_UNREADABLE'],
      [[join(folder, 'nothing.onnx')], 'nothing.onnx cannot be read'],
      [[path, '--name', 'a@b'], '--name takes letters'],
      [[path, '--stream', 'arrivals'], 'there is no stream arrivals'],
    ] as const) {
      const outcome = await line.call('models', 'register', ...args);
      expect(outcome).toMatchObject({ code: 2, out: '' });
      expect(outcome.err).toContain(message);
    }
  });

  it('refuses the same bytes twice, and two versions of one name', async () => {
    const { line, path, sha256 } = await prepared();
    await append(line, registered(sha256, 'ridge-1'));
    const same = await line.call('models', 'register', path, '--name', 'ridge-2');
    expect(same.err).toContain('this file is planes@ridge-1 already (challenger)');
    const other = await prepared();
    await append(other.line, registered('0'.repeat(64), 'ridge-1'));
    const named = await other.line.call('models', 'register', other.path, '--name', 'ridge-1');
    expect(named).toMatchObject({ code: 2 });
    expect(named.err).toContain('another version is called planes@ridge-1');
  });
});
