import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const STREAM = 'source: { topic: sales, series: s, time: t, value: v }, frequency: 1d';

const inFolder = async (yaml = ''): Promise<{ line: CommandLine; folder: string }> => {
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  await writeFile(file, `data: ${folder}\nhttp: { port: 0 }\n${yaml}`);
  const line = new CommandLine();
  line.env = { TIDECAST_CONFIG: file };
  return { line, folder };
};

const verdicts = (out: string): Record<string, string> =>
  Object.fromEntries(
    out
      .trim()
      .split('\n')
      .map((text) => {
        // Each line of --json is a finding.
        const { check, verdict } = JSON.parse(text) as { check: string; verdict: string };
        return [check, verdict];
      }),
  );

describe('tidecast doctor', () => {
  it('passes where a run would have what it needs', async () => {
    const { line } = await inFolder(`streams: { sales: { ${STREAM} } }`);
    await line.log.ensureTopics([{ name: 'sales', partitions: 2, cleanup: 'delete' }]);
    const { code, out } = await line.call('doctor', '--json');
    expect(code).toBe(0);
    expect(verdicts(out)).toMatchObject({
      config: 'pass',
      node: 'pass',
      data: 'pass',
      port: 'pass',
      tokens: 'pass',
      registry: 'skip',
      log: 'pass',
      'source of sales': 'pass',
      topics: 'pass',
    });
  });

  it('warns of what is set and not in effect yet, in a line each', async () => {
    const keys = 'monitoring: { groupBy: region, stalenessSeconds: 60 }';
    const { line, folder } = await inFolder(`streams: { sales: { ${STREAM}, ${keys} } }`);
    await line.log.ensureTopics([{ name: 'sales', partitions: 2, cleanup: 'delete' }]);
    const { code, out } = await line.call('doctor');
    expect(code).toBe(0);
    const warned = out.split('\n').filter((text) => text.includes('not in effect'));
    const place = `(${join(folder, 'tidecast.yaml')}:3)`;
    const rest = 'is not in effect yet: all goes as it would without it';
    expect(warned).toEqual([
      `WARN  config: streams.sales.monitoring.groupBy ${place} ${rest}`,
      `WARN  config: streams.sales.monitoring.stalenessSeconds ${place} ${rest}`,
    ]);
  });

  it('warns of a training window in which holidays do not come twice', async () => {
    const doctor = async (keys: string): Promise<string> => {
      const { line } = await inFolder(`streams: { sales: { ${STREAM}, ${keys} } }`);
      return (await line.call('doctor')).out;
    };
    // Of a year 8 weeks are judged, and a week before them is left out.
    expect(await doctor('holidays: US')).toContain(
      'WARN  holidays of sales: models learn from 302 days: what a holiday brings is learnt ' +
        'where it came twice; set streams.sales.retraining.trainingWindowDays to 833 where',
    );
    expect(await doctor('holidays: US, retraining: { trainingWindowDays: 833 }')).toContain(
      'pass  holidays of sales: models learn from 770 days',
    );
    for (const keys of ['timeZone: UTC', 'holidays: US, model: { trainer: ridge }']) {
      expect(await doctor(keys)).not.toContain('holidays of sales');
    }
  });

  it('fails on topics that a run would refuse', async () => {
    const { line } = await inFolder(`streams: { sales: { ${STREAM} } }`);
    await line.log.ensureTopics([
      { name: 'sales', partitions: 2, cleanup: 'delete' },
      { name: 'sales.scores', partitions: 3, cleanup: 'delete' },
    ]);
    const { code, out } = await line.call('doctor');
    expect(code).toBe(1);
    expect(out).toContain('FAIL  topics: sales.scores (history) has partitions 3, but 4 is needed');
  });

  it('warns of a source that is not there yet', async () => {
    const { line } = await inFolder(`streams: { sales: { ${STREAM} } }`);
    const { code, out } = await line.call('doctor');
    expect(code).toBe(0);
    expect(out).toContain('WARN  source of sales: sales does not exist: produce to it');
  });

  it('fails on a configuration that cannot be used, with its line', async () => {
    const { line } = await inFolder('hptt: {}');
    const { code, out, err } = await line.call('doctor');
    expect(code).toBe(2);
    expect(out).toMatch(
      /FAIL {2}config: .*\n {2}hptt \(.*tidecast\.yaml:3\): unknown key \(did you/,
    );
    expect(err).toContain('a check failed: see above what to do (USAGE)');
  });

  it('fails on what a run would refuse of its streams', async () => {
    const { line } = await inFolder(`streams: { sales: { ${STREAM}, holidays: XX } }`);
    const { code, out } = await line.call('doctor');
    expect(code).toBe(2);
    expect(out).toContain('FAIL  config: streams.sales.holidays: No holidays are known for "XX"');
  });

  it('fails where there is no disk', async () => {
    const { line } = await inFolder();
    const { out } = await line.call('doctor', '--set', 'data=/proc/tidecast');
    expect(out).toContain('FAIL  disk: /proc/tidecast is on no disk: name another folder');
  });

  it('fails on a configuration that is not there, as every command does', async () => {
    const { line } = await inFolder();
    const gone = ['--config', 'gone.yaml'];
    const { code, out } = await line.call('doctor', ...gone);
    expect(code).toBe(2);
    expect(out).toBe(
      'FAIL  config: gone.yaml cannot be read: name an existing file with --config, or leave the ' +
        'option out\n',
    );
    expect((await line.call('run', ...gone)).code).toBe(code);
  });

  it('warns of a configuration without streams, and names its file', async () => {
    const { line, folder } = await inFolder();
    const { code, out } = await line.call('doctor');
    const file = join(folder, 'tidecast.yaml');
    expect(code).toBe(0);
    expect(out).toContain(`WARN  config: ${file}: nothing to run, add a stream to ${file}\n`);
  });

  it('fails when the data folder is a file', async () => {
    const { line, folder } = await inFolder();
    const args = ['--set', `data=${join(folder, 'tidecast.yaml')}`];
    const { code, out } = await line.call('doctor', ...args);
    expect(code).toBe(1);
    expect(out).toContain('tidecast.yaml is a file: name another folder as `data`');
  });

  it('says that a folder will be made, and does not make it', async () => {
    const { line, folder } = await inFolder();
    const { out } = await line.call('doctor', '--set', `data=${folder}/a/b`);
    expect(out).toContain(`pass  data: ${folder}/a/b will be made`);
    expect(out).toContain('n/a   log: nothing has been written yet');
  });

  it('warns when the port is taken or open to everyone', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    // It listens on a port, not on a pipe.
    const { port } = server.address() as { readonly port: number };
    const { line } = await inFolder();
    const taken = await line.call('doctor', '--set', `http.port=${port}`);
    expect(taken.out).toContain(
      `WARN  port: 127.0.0.1:${port} is taken: by tidecast itself, or set`,
    );
    const open = await line.call('doctor', '--set', 'http.host=0.0.0.0');
    expect(open.out).toContain('WARN  tokens: 0.0.0.0 is open to everyone: set http.tokens');
  });

  it('fails when Kafka is configured and its registry does not answer', async () => {
    const { line } = await inFolder();
    const kafka = ['--set', 'log=kafka', '--set', 'kafka.registry=http://127.0.0.1:1'];
    const { code, out } = await line.call('doctor', ...kafka);
    expect(code).toBe(1);
    expect(out).toContain('FAIL  registry: the schema registry does not answer');
  });
});
