import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../support/repository.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const TIMEOUT_MS = 20_000;

const tidecast = (folder: string, ...args: string[]) => {
  const options = ['--import', `${ROOT}node_modules/tsx/dist/loader.mjs`, `${ROOT}src/cli/main.ts`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, ...args], {
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
});
