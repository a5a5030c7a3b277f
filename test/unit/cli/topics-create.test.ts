import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const STREAM = 'source: { topic: sales, series: s, time: t, value: v }, frequency: 1d';

const configured = async (log: string, stream = STREAM): Promise<CommandLine> => {
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  await writeFile(file, `data: ${folder}\nlog: ${log}\nstreams: { shop: { ${stream} } }\n`);
  const line = new CommandLine();
  line.env = { TIDECAST_CONFIG: file };
  return line;
};

const namesOf = async (line: CommandLine): Promise<readonly string[]> =>
  (await line.log.topics()).map(({ definition }) => definition.name);

const verdictsOf = async (line: CommandLine): Promise<Readonly<Record<string, unknown>>> => {
  const { out } = await line.call('topics', 'check', '--json');
  // Each line is a finding.
  const all = out.trim().split('\n');
  return Object.fromEntries<unknown>(
    all.map((text) => {
      const { topic, verdict } = JSON.parse(text) as { topic: string; verdict: string };
      return [topic, verdict];
    }),
  );
};

describe('tidecast topics create', () => {
  it('creates what tasks write, each as the topologies say, and not what they read', async () => {
    const line = await configured('embedded');
    const created = await line.json('topics', 'create');
    expect(await namesOf(line)).toEqual(created.map(({ topic }) => topic));
    expect(created).toContainEqual({
      ...{ topic: 'tidecast.shop.monitoring.changelog', action: 'created', partitions: 4 },
    });
    const names = await namesOf(line);
    expect(names).not.toContain('sales');
    for (const name of ['shop.observations', 'models', 'sales.dead-letters', 'shop.drift']) {
      expect(names).toContain(name);
    }
    // And nothing that a run would not have.
    const described = await line.json('describe');
    const written = described.flatMap(({ sinks, own }) =>
      // What `describe --json` prints.
      [...(sinks as { name: string }[]), ...(own as { name: string }[])].map(({ name }) => name),
    );
    expect(new Set(names)).toEqual(new Set(written));
  });

  it('gives what is made for a source as many partitions as that has', async () => {
    const line = await configured('kafka');
    await line.log.ensureTopics([{ name: 'sales', partitions: 7, cleanup: 'delete' }]);
    await line.call('topics', 'create');
    const counts = new Map(
      (await line.log.topics()).map(({ definition }) => [definition.name, definition.partitions]),
    );
    expect(counts.get('sales.dead-letters')).toBe(7);
    expect(counts.get('tidecast.shop.ingest.changelog')).toBe(7);
    expect(counts.get('shop.observations')).toBe(4);
  });

  it('does not go on without a source whose partitions decide, but with --sources', async () => {
    const line = await configured('kafka');
    const { code, err } = await line.call('topics', 'create');
    expect(code).toBe(2);
    expect(err).toContain('there is no topic sales, the source of shop: its owner creates it');
    expect(await namesOf(line)).toEqual([]);
    expect((await line.call('topics', 'create', '--sources')).code).toBe(0);
    expect(await namesOf(line)).toContain('sales');
  });

  it('makes no new changelogs beside what an application of another name wrote', async () => {
    const line = await configured('kafka');
    await line.call('topics', 'create', '--sources');
    line.log.append('shop.observations', 0, [{ key: null, value: Buffer.from('1') }]);
    const renamed = ['topics', 'create', '--set', 'application=other'] as const;
    const { code, err } = await line.call(...renamed);
    expect(code).toBe(1);
    expect(err).toContain('TASK_UNADOPTED');
    const before = (await namesOf(line)).length;
    expect((await line.call(...renamed, '--adopt')).code).toBe(0);
    // Its changelogs; all else is there.
    expect((await namesOf(line)).length - before).toBe(6);
  });

  it('repairs what can be repaired, and fails on what cannot', async () => {
    const line = await configured('kafka');
    await line.log.ensureTopics([
      { name: 'sales', partitions: 4, cleanup: 'delete' },
      { name: 'shop.scores', partitions: 4, cleanup: 'delete', retentionMs: 1_000 },
      { name: 'shop.drift', partitions: 2, cleanup: 'delete', retentionMs: 1_000 },
    ]);
    const { code, out, err } = await line.call('topics', 'create', '--repair');
    expect(code).toBe(1);
    expect(out).toMatch(/repaired {2}shop\.scores {2}retention\.ms: 1000 -> \d+\n/);
    expect(err).toContain('refused: shop.drift (output) has partitions 2, but 4 is needed');
    expect(err).toContain('a run would refuse one thing');
  });

  it('lowers what topics keep for those who say so, and on the embedded log alone', async () => {
    const line = await configured('embedded');
    const kept = { partitions: 4, cleanup: 'delete', retentionMs: 1e12 } as const;
    await line.log.ensureTopics([
      { name: 'sales', ...kept },
      { name: 'shop.scores', ...kept },
    ]);
    const retained = async (): Promise<readonly (number | undefined)[]> => {
      const all = (await line.log.topics()).map(({ definition }) => definition);
      return ['sales', 'shop.scores'].map(
        (name) => all.find((one) => one.name === name)?.retentionMs,
      );
    };
    await line.call('topics', 'create', '--repair');
    expect(await retained()).toEqual([1e12, 1e12]);
    const { code, out } = await line.call('topics', 'create', '--lower');
    expect(code).toBe(0);
    const [, to] =
      /lowered {3}shop\.scores {2}retention\.ms: 1000000000000 -> (\d+)\n/.exec(out) ?? [];
    expect(await retained()).toEqual([1e12, Number(to)]);
    const { code: refused, err } = await (
      await configured('kafka')
    ).call(...['topics', 'create', '--lower']);
    expect(refused).toBe(2);
    expect(err).toContain('--lower is for the embedded log');
  });

  it('never touches a source that is keyed by series', async () => {
    const keyed = `${STREAM.replace('value: v', 'value: v, keyed: true')}, aggregate: none`;
    const line = await configured('kafka', keyed);
    await line.log.ensureTopics([
      { name: 'sales', partitions: 4, cleanup: 'delete', retentionMs: 1_000 },
    ]);
    const { code, err } = await line.call('topics', 'create', '--repair');
    expect(code).toBe(1);
    expect(err).toMatch(
      /sales \(source\) has retention\.ms 1000, but at least \d+ is needed: `kafka-configs\.sh /,
    );
    expect(err).toContain('or lower `retraining.trainingWindowDays`');
    expect((await line.log.topics())[0]?.definition.retentionMs).toBe(1_000);
  });
});

describe('tidecast topics check', () => {
  it('says of a new stream what the first run creates', async () => {
    const line = await configured('kafka');
    await line.log.ensureTopics([{ name: 'sales', partitions: 4, cleanup: 'delete' }]);
    const { code, out } = await line.call('topics', 'check');
    expect(code).toBe(0);
    expect(out).toMatch(/TOPIC +USE +PARTITIONS +VERDICT +SETTING +NEEDED +FOUND\n/);
    const verdicts = await verdictsOf(line);
    expect(verdicts['sales']).toBe('ok');
    expect(verdicts['tidecast.shop.ingest.changelog']).toBe('absent');
  });

  it('refuses a changelog that is missing beside others, and no output that is', async () => {
    const line = await configured('kafka');
    await line.log.ensureTopics([
      { name: 'sales', partitions: 4, cleanup: 'delete' },
      { name: 'shop.decisions', partitions: 4, cleanup: 'keep' },
    ]);
    expect((await line.call('topics', 'check')).code).toBe(1);
    expect(await verdictsOf(line)).toMatchObject({
      'tidecast.shop.ingest.changelog': 'refused',
      'shop.observations': 'refused',
      // Shared by all streams, and this is the only one.
      models: 'refused',
      'shop.forecasts': 'absent',
      'sales.dead-letters': 'absent',
    });
  });

  it('leaves to a run on the embedded log what it does by itself', async () => {
    const line = await configured('embedded');
    await line.log.ensureTopics([
      { name: 'shop.decisions', partitions: 4, cleanup: 'keep' },
      { name: 'shop.scores', partitions: 4, cleanup: 'delete', retentionMs: 1_000 },
    ]);
    expect((await line.call('topics', 'check')).code).toBe(0);
    expect(await verdictsOf(line)).toMatchObject({
      'tidecast.shop.ingest.changelog': 'absent',
      sales: 'absent',
      'shop.scores': 'unwise',
    });
  });
});
