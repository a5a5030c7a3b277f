import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partitionOf } from '../../../src/core/murmur2.ts';
import type { Accuracy } from '../../../src/schemas/accuracy.ts';
import type { ModelEvent } from '../../../src/schemas/model-event.ts';
import { accuracyType, modelEventType } from '../../../src/schemas/value-types.ts';
import { sourceSet, watermarkRecord } from '../../../src/streams/watermarks.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const END = Date.UTC(2001, 4, 20);

const CONFIG = `
streams:
  departures:
    default: true
    source: { topic: flights, format: json, series: origin, time: date }
    frequency: 1h
    aggregate: count
    model: { name: planes }
  daily:
    source: { topic: flights, format: json, series: origin, time: date }
    frequency: 1d
    aggregate: count
`;

const KEYED = `
streams:
  departures:
    source: { topic: counts, series: origin, time: date, keyed: true }
    frequency: 1h
`;

const commandLine = async (config = CONFIG): Promise<CommandLine> => {
  const line = new CommandLine();
  const file = join(await temporaryFolder(), 'tidecast.yaml');
  await writeFile(file, config);
  line.env = { TIDECAST_CONFIG: file };
  const topics = ['departures.accuracy', 'departures.observations', 'departures.scores'];
  await line.log.ensureTopics(
    topics.map((name) => ({ name, partitions: 2, cleanup: 'delete' as const })),
  );
  return line;
};

const appendAccuracy = async (line: CommandLine, end: number): Promise<void> => {
  const accuracy: Accuracy = {
    scope: 'model',
    stream: 'departures',
    model: { name: 'planes', version: '1', sha256: '', role: 'fallback' },
    window: { kind: '7d', start: end - 7 * DAY, end, count: 1 },
    metrics: {},
    perStep: [],
    revision: 0,
  };
  const value = await line.written(accuracyType, accuracy);
  line.log.append('departures.accuracy', 1, [{ key: Buffer.from('k'), value }]);
};

const scored = async (): Promise<CommandLine> => {
  const line = await commandLine();
  await appendAccuracy(line, END);
  await appendAccuracy(line, END - DAY);
  line.log.append('departures.observations', 1, [{ key: null, value: null }]);
  return line;
};

const appendWatermark = (line: CommandLine, partition: number, watermark: number): void => {
  const members = [0, 1].map((one) => ({ topic: 'flights', partition: one }));
  const said = { topic: 'flights', partition, watermark, idle: false };
  line.log.append('departures.observations', 0, [
    watermarkRecord(
      { topic: 'departures.observations', partition: 0 },
      { ...said, sources: sourceSet(1, members) },
    ),
  ]);
};

const answer = (requestId: string, given: Partial<ModelEvent>): ModelEvent => ({
  ...{ type: 'ModelRejected', stream: 'departures', model: 'planes', version: 'v1' },
  ...{ sha256: 'abcd', actor: 'policy', reason: 'bias is 0.2, the limit 0.02', requestId },
  gate: JSON.stringify({
    checks: [{ name: '|bias|', passed: false, value: 0.2, limit: 0.02 }],
    models: [{ name: 'candidate', wape: 0.14159, bias: null }],
  }),
  decidedAt: END,
  // A rejection needs nothing more; tests that promote say the rest.
  ...(given as object),
});

/** Answers the first request as the training task would, once it has been printed. */
const answering = async (given: Partial<ModelEvent>): Promise<CommandLine> => {
  const line = await scored();
  line.isRemote = true;
  await line.log.ensureTopics([{ name: 'models', partitions: 1, cleanup: 'keep' }]);
  const append = async (event: ModelEvent): Promise<void> => {
    const value = await line.written(modelEventType, event);
    line.log.append('models', 0, [{ key: Buffer.from('planes'), value }]);
  };
  await append(answer('of another request', {}));
  line.onOut = (text) => {
    const id = /[0-9a-f]{32}/.exec(text)?.[0];
    line.onOut = () => undefined;
    if (id !== undefined) void append(answer(id, given));
  };
  return line;
};

describe('tidecast train', () => {
  it('asks for a model of all that is scored, with the offsets of now', async () => {
    const line = await scored();
    const { code, out } = await line.call('train', '--actor', 'ada');
    expect(code).toBe(0);
    const span = '2000-05-20T00:00:00Z to 2001-05-20T00:00:00Z';
    expect(out).toContain(`training of planes on ${span} requested as `);
    expect(out).toMatch(/ [0-9a-f]{32}\n$/);
    const [record, ...others] = await line.json('topics', 'read', 'retraining-requests');
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      key: 'planes',
      partition: partitionOf(Buffer.from('planes'), 4),
      value: {
        ...{ model: 'planes', stream: 'departures', reason: 'manual' },
        evidence: '{"actor":"ada","windowDays":365}',
        trainingWindow: {
          end: END,
          offsets: [
            { topic: 'departures.observations', partition: 0, next: 0 },
            {
              topic: 'departures.observations',
              partition: 1,
              next: (await line.log.offsets('departures.observations', 1)).stableEnd,
            },
            { topic: 'departures.scores', partition: 0, next: 0 },
            { topic: 'departures.scores', partition: 1, next: 0 },
          ],
        },
      },
    });
  });

  it('goes by the watermarks where nothing is scored yet', async () => {
    const line = await commandLine();
    appendWatermark(line, 0, END + 90 * 60_000);
    expect((await line.call('train')).code).toBe(2);
    appendWatermark(line, 1, END + DAY);
    const [request] = await line.json('train', '--window-days', '90');
    expect(request).toMatchObject({
      trainingWindow: { start: END + HOUR - 90 * DAY, end: END + HOUR },
    });
  });

  it('goes by what readers of scores are told where the source is keyed by series', async () => {
    const line = await commandLine(KEYED);
    await line.log.ensureTopics([{ name: 'counts', partitions: 3, cleanup: 'delete' }]);
    const tell = (partition: number, watermark: number): void => {
      const member = { topic: 'counts', partition };
      const said = { ...member, watermark, idle: false, sources: sourceSet(1, [member]) };
      line.log.append('departures.scores', partition, [
        watermarkRecord({ topic: 'departures.scores', partition }, said),
      ]);
    };
    expect((await line.call('train')).code).toBe(2);
    tell(0, END - DAY);
    tell(0, END);
    const [first] = await line.json('train', '--window-days', '90');
    expect(first).toMatchObject({ trainingWindow: { start: END - 90 * DAY, end: END } });
    tell(1, END - HOUR);
    const [second] = await line.json('train');
    expect(second).toMatchObject({ trainingWindow: { end: END - HOUR } });
  });

  it.each([
    [['--stream', 'arrivals'], 'there is no stream arrivals; streams: departures, daily'],
    [['--stream', 'daily'], 'no period of daily is closed yet'],
    [['--wait'], 'nothing runs on this log that could train: start `tidecast run` first'],
    [['--window-days', '0'], 'It must be a whole number of at least 1'],
  ])('refuses %s and says what to do', async (args, message) => {
    const outcome = await (await scored()).call('train', ...args);
    expect(outcome.code).toBe(2);
    expect(outcome.err).toContain(message);
  });

  it('exports nothing, and asks for nothing, where no row can be made yet', async () => {
    const line = await commandLine();
    await appendAccuracy(line, END);
    const folder = join(await temporaryFolder(), 'rows');
    const outcome = await line.call('train', '--export', folder, '--stream', 'departures');
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain('no row can be made yet: a series needs 504 periods');
    const topics = (await line.log.topics()).map(({ definition }) => definition.name);
    expect(topics).not.toContain('retraining-requests');
    await expect(access(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    [
      ['--export', '/dev/null/rows', '--wait'],
      "'--export <folder>' cannot be used with option '--wait'",
    ],
    [
      ['--export', '/dev/null/rows', '--actor', 'me'],
      "cannot be used with option '--actor <name>'",
    ],
    [['--strategy', 'per-step'], '--strategy is for --export'],
    [['--rows', '10'], '--rows is for --export'],
  ])('refuses options that nothing reads: %j', async (options, message) => {
    const outcome = await (await scored()).call('train', ...options);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain(message);
  });

  it("waits for the answer and prints the gate's numbers", async () => {
    const { code, out } = await (await answering({})).call('train', '--wait');
    expect(code).toBe(0);
    expect(out).toContain('planes@v1 rejected: bias is 0.2, the limit 0.02\n');
    expect(out).toMatch(/candidate +0\.1416 +unknown/);
    expect(out).toMatch(/\|bias\| +0\.2 +0\.02 +failed/);
  });

  it('prints request and answer as JSON', async () => {
    const promotion = { type: 'ModelPromoted', previous: '', effectiveFrom: END } as const;
    const [request, event] = await (await answering(promotion)).json('train', '--wait');
    expect(event).toMatchObject({ type: 'ModelPromoted', requestId: request?.['id'] });
  });

  it('fails when no model came of it', async () => {
    const line = await answering({ sha256: '', reason: 'Only 3 rows', gate: '{}' });
    const outcome = await line.call('train', '--wait');
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('Only 3 rows (TRAINING_TOO_LITTLE_DATA)');
  });

  it('says that it did not wait for the end when it is asked to stop', async () => {
    const line = await answering({});
    line.onOut = () => line.abort.abort();
    const outcome = await line.call('train', '--wait');
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('(INTERRUPTED)');
  });
});
