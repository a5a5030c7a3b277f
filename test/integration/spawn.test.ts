import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { builtMain } from '../support/built-main.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TIMEOUT_MS = 20_000;

const NODE_ARGS = [builtMain()];

const tidecast = (folder: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...NODE_ARGS, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  return { status, stdout, stderr };
};

describe('the process', () => {
  it('prints help on stdout and exits with 0', async () => {
    const { status, stdout, stderr } = tidecast(await temporaryFolder(), '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: tidecast');
  });

  it('says on stderr what is wrong with a call and exits with 2', async () => {
    const { status, stdout, stderr } = tidecast(
      await temporaryFolder(),
      'topics',
      'list',
      '--set',
      'x=1',
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe('tidecast: --set x: no key "x" (CONFIG_INVALID)\n');
  });

  it('does not take a wrong folder for an empty log, nor make one there', async () => {
    const folder = await temporaryFolder();
    const { status, stderr } = tidecast(folder, 'topics', 'list');
    expect(status).toBe(2);
    expect(stderr).toContain(`there is no log in ${join(folder, 'data')} yet`);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps what it appended for the next one, and follows until it is stopped', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'sales.csv'), 'store,n\na,1\nb,2\n');
    expect(tidecast(folder, 'produce', 'sales.csv', '--topic', 'sales').status).toBe(0);
    const args = [...NODE_ARGS, 'topics', 'read', 'sales', '--json', '--follow'];
    const reader = spawn(process.execPath, args, { cwd: folder });
    let out = '';
    reader.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.split('\n').length > 2) reader.kill('SIGINT');
    });
    expect(await once(reader, 'exit')).toEqual([0, null]);
    const values = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly value: unknown }).value);
    expect(values).toEqual([
      { store: 'a', n: 1 },
      { store: 'b', n: 2 },
    ]);
  });

  it('ends without a word when its reader has seen enough', async () => {
    const folder = await temporaryFolder();
    const rows = Array.from({ length: 20_000 }, (_, row) => `s${row},${'x'.repeat(50)}`);
    await writeFile(join(folder, 'sales.csv'), `store,n\n${rows.join('\n')}\n`);
    expect(tidecast(folder, 'produce', 'sales.csv', '--topic', 'sales').status).toBe(0);
    for (const more of [[], ['--follow']]) {
      const args = [...NODE_ARGS, 'topics', 'read', 'sales', '--json', ...more];
      const reader = spawn(process.execPath, args, { cwd: folder });
      let err = '';
      reader.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      reader.stdout.once('data', () => reader.stdout.destroy());
      expect(await once(reader, 'close')).toEqual([0, null]);
      expect(err).toBe('');
    }
  });

  it.each([
    ['run', 0, ''],
    ['topics list', 1, 'tidecast: stopped before the log was open (INTERRUPTED)\n'],
  ])('stops at once while brokers are silent: %s ends with %i', async (command, code, said) => {
    const folder = await temporaryFolder();
    const silent = createServer().listen(0, '127.0.0.1');
    const sockets = new Set<Socket>();
    silent.on('connection', (socket) => sockets.add(socket));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await writeFile(
      join(folder, 'tidecast.yaml'),
      [
        'log: kafka',
        `kafka: { brokers: ["127.0.0.1:${port}"] }`,
        'streams:',
        '  sales: { source: { topic: sales, series: s, time: t, value: v }, frequency: 1h }',
      ].join('\n'),
    );
    const args = [...NODE_ARGS, ...command.split(' ')];
    const child = spawn(process.execPath, args, { cwd: folder });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    await once(silent, 'connection');
    const sinceMs = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([code, null]);
    // The connections are open still: a request that nobody answers takes half a minute.
    expect(performance.now() - sinceMs).toBeLessThan(12_000);
    expect(err).toBe(said);
  });

  it('names the process that has the folder, and exits with 2', async () => {
    const folder = await temporaryFolder();
    const log = await openEmbeddedLog({ folder: join(folder, 'data', 'log'), clock: systemClock });
    onTestFinished(() => log.close());
    const { status, stderr } = tidecast(folder, 'topics', 'list');
    expect(status).toBe(2);
    expect(stderr).toContain(`is open in process ${process.pid}; stop it first`);
    expect(stderr).toContain('(LOG_LOCKED)');
  });

  it('names it too when it answers no more, though it said where', async () => {
    const folder = await temporaryFolder();
    const log = await openEmbeddedLog({ folder: join(folder, 'data', 'log'), clock: systemClock });
    onTestFinished(() => log.close());
    await log.announce({ address: 'http://127.0.0.1:9', token: 'x' });
    const { status, stderr } = tidecast(folder, 'topics', 'list');
    expect(status).toBe(2);
    expect(stderr).toContain(`is open in process ${process.pid}; stop it first`);
  });
});
