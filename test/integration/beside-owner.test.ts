import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { grantLogAccess } from '../../src/cli/log-access.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../../src/log/embedded/embedded-schema-registry.ts';
import { builtMain } from '../support/built-main.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NODE_ARGS = [builtMain()];

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in a process of its own, while this one goes on. */
const tidecast = async (folder: string, ...args: string[]): Promise<Ended> => {
  const child = spawn(process.execPath, [...NODE_ARGS, ...args], { cwd: folder });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  // A child that was not killed has a code.
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
};

/** This process owns the log of the folder's data. */
const owned = async (): Promise<{ readonly folder: string; readonly log: EmbeddedLog }> => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'sales.csv'), 'store,n\na,1\nb,2\nc,3\n');
  const data = join(folder, 'data', 'log');
  const log = await openEmbeddedLog({ folder: data, clock: systemClock });
  onTestFinished(() => log.close());
  const registry = await openEmbeddedSchemaRegistry({ folder: data });
  onTestFinished(() => registry.close());
  const access = await grantLogAccess(log, registry);
  onTestFinished(() => access.close());
  return { folder, log };
};

describe('commands beside the owner of a log', () => {
  it('append and read through it, and leave it running', async () => {
    const { folder, log } = await owned();
    const produced = await tidecast(folder, 'produce', 'sales.csv', '-t', 'sales', '-k', 'store');
    expect(produced).toMatchObject({ code: 0, out: '3 records appended to sales\n' });
    const [sales] = await log.topics();
    const count = sales?.offsets.reduce((sum, { stableEnd }) => sum + stableEnd, 0);
    expect(count).toBeGreaterThanOrEqual(3);
    const read = await tidecast(folder, 'topics', 'read', 'sales', '--json');
    expect(read.code).toBe(0);
    const stores = read.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly key: string }).key);
    expect(stores.sort()).toEqual(['a', 'b', 'c']);
    const checked = await tidecast(folder, 'doctor');
    expect(checked.out).toContain(`pass  log: process ${process.pid} owns it and answers`);
  });

  it('go through one that only reads for ever', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'sales.csv'), 'store,n\na,1\n');
    const produce = ['produce', 'sales.csv', '-t', 'sales'];
    expect((await tidecast(folder, ...produce)).code).toBe(0);
    const args = [...NODE_ARGS, 'topics', 'read', 'sales', '--json', '--follow'];
    const reader = spawn(process.execPath, args, { cwd: folder });
    let seen = 0;
    reader.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text.split('\n').length - 1;
      if (seen === 1) void tidecast(folder, ...produce);
      else reader.kill('SIGINT');
    });
    expect(await once(reader, 'exit')).toEqual([0, null]);
    expect(seen).toBe(2);
  });
});
