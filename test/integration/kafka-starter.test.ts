import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { ROOT } from '../support/repository.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const run = promisify(execFile);

/** With a first fetch of 200 MB. */
const START_MS = 360_000;
const TOOL_MS = 60_000;
const LOOK_MS = 100;
const DIE_MS = 15_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // What nobody has waited for yet is dead all the same.
    return !existsSync('/proc/self') || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    // There is no such process.
    return false;
  }
};

const allDead = async (pids: readonly number[]): Promise<boolean> => {
  for (let waitedMs = 0; waitedMs < DIE_MS; waitedMs += LOOK_MS) {
    if (!pids.some(isAlive)) return true;
    await wait(LOOK_MS);
  }
  return false;
};

describeOnKafka('the starter of Kafka', () => {
  let folder = '';
  let kafka: RunningKafka;

  const tool = async (name: string, ...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(
      'java',
      ['-cp', join(kafka.jars, '*'), `org.apache.kafka.tools.${name}`, ...args],
      { timeout: TOOL_MS },
    );
    return stdout;
  };

  const server = (): readonly string[] => ['--bootstrap-server', kafka.brokers.join(',')];

  const produce = (value: string): void => {
    const { status, stderr } = spawnSync(
      'java',
      [
        ...['-cp', join(kafka.jars, '*'), 'org.apache.kafka.tools.ConsoleProducer'],
        ...[...server(), '--topic', 'kept', '--command-property', 'acks=all'],
      ],
      { input: `${value}\n`, encoding: 'utf8', timeout: TOOL_MS },
    );
    expect(status, stderr).toBe(0);
  };

  const consumed = (records: number): Promise<string> =>
    tool(
      'consumer.ConsoleConsumer',
      ...[...server(), '--topic', 'kept', '--from-beginning'],
      ...['--max-messages', String(records), '--timeout-ms', '20000'],
    );

  const registered = async (): Promise<unknown> =>
    (await fetch(`${kafka.registry}/subjects`)).json();

  const start = (): Promise<RunningKafka> =>
    startKafka({ brokers: 1, folder, properties: { 'group.min.session.timeout.ms': 1_000 } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await start();
  }, START_MS);

  afterAll(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('starts a broker that keeps records, with the properties that were asked for', async () => {
    await tool('TopicCommand', ...server(), '--create', '--topic', 'kept', '--partitions', '1');
    produce('before');
    expect(await consumed(1)).toBe('before\n');
    const properties = readFileSync(join(folder, 'node-1', 'server.properties'), 'utf8');
    expect(properties).toContain('group.min.session.timeout.ms=1000\n');
  }, 120_000);

  it('creates no topic because somebody asked for it', async () => {
    expect((await tool('TopicCommand', ...server(), '--list')).trim()).toMatch(/^(__\S+\n)*kept$/);
  }, 60_000);

  it('starts a registry that takes schemas', async () => {
    const answer = await fetch(`${kafka.registry}/subjects/kept-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: '"string"' }),
    });
    expect(answer.status).toBe(200);
    expect(await registered()).toEqual(['kept-value']);
  });

  it('restarts a broker that was killed, on its data and its port', async () => {
    const [address] = kafka.brokers;
    await kafka.kill(1, 'SIGKILL');
    await kafka.restart(1);
    expect(kafka.brokers).toEqual([address]);
    produce('after');
    expect(await consumed(2)).toBe('before\nafter\n');
  }, 120_000);

  it('goes on, when it is started again, with records and schemas of before', async () => {
    const pids = kafka.pids;
    expect(pids).toHaveLength(2);
    expect(pids.every(isAlive)).toBe(true);
    await kafka.stop();
    expect(pids.some(isAlive)).toBe(false);
    kafka = await start();
    expect(await registered()).toEqual(['kept-value']);
    expect(await consumed(2)).toBe('before\nafter\n');
  }, 120_000);

  it('refuses the folder of one broker to three', async () => {
    await expect(startKafka({ brokers: 3, folder, registry: false })).rejects.toThrow(
      /holds the data of 1 broker\(s\), not of 3: --brokers 1/,
    );
  }, 60_000);

  it('names the option for a port that is taken', async () => {
    const rival = createServer().listen(0, '127.0.0.1');
    await once(rival, 'listening');
    // It listens on a port, not on a pipe.
    const { port } = rival.address() as { readonly port: number };
    await expect(startKafka({ brokers: 1, folder, port })).rejects.toThrow(
      `port ${port} is taken or not to be had`,
    );
    rival.close();
  });

  it('leaves no process behind when its own is killed without notice', async () => {
    const program = `
      import { startKafka } from './scripts/kafka/start-kafka.ts';
      const { pids } = await startKafka({ brokers: 1, folder: process.argv[1] });
      console.log('pids', pids.join(' '));`;
    const data = join(folder, 'of-one-that-is-killed');
    const parent = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program, data],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    for await (const bytes of parent.stdout) {
      said += String(bytes);
      if (said.includes('\n')) break;
    }
    const pids = (/^pids (.*)$/m.exec(said)?.[1] ?? '').split(' ').map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.every(isAlive)).toBe(true);
    parent.kill('SIGKILL');
    expect(await allDead(pids)).toBe(true);
  }, 120_000);
});
