import { link, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openOutput } from '../../../../src/cli/backtest/output-file.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { CommandLine } from '../command-line.ts';

const CONTENT = `day,amount\n${Array.from({ length: 60 }, (_, day) => `${day},1\n`).join('')}`;

const input = async (): Promise<string> => {
  const file = join(await temporaryFolder(), 'sales.csv');
  await writeFile(file, CONTENT);
  return file;
};

const linked = async (
  file: string,
  make: (file: string, name: string) => Promise<void>,
): Promise<string> => {
  const name = `${file}.linked.csv`;
  await make(file, name);
  return name;
};

describe('what a backtest writes', () => {
  it.each([
    ['by its name', (file: string) => Promise.resolve(file)],
    ['by another path', (file: string) => Promise.resolve(`${dirname(file)}/./sales.csv`)],
    ['by a relative path', (file: string) => Promise.resolve(relative('.', file))],
    ['through a link', async (file: string) => linked(file, symlink)],
    ['as a second name of the same file', async (file: string) => linked(file, link)],
  ])('never takes the place of the file that it reads, %s', async (_, named) => {
    const file = await input();
    const output = await named(file);
    for (const option of ['--forecasts', '--plot']) {
      const args = ['--value-column', 'amount', '--frequency', '1d', option, output];
      const { code, err } = await new CommandLine().call('backtest', file, ...args);
      expect(code).toBe(2);
      expect(err).toContain(`${output} is read or written already: name another with ${option}`);
      expect(await readFile(file, 'utf8')).toBe(CONTENT);
    }
  });

  it('may take the place of anything else, and two new files must be two', async () => {
    const file = await input();
    const folder = dirname(file);
    const old = join(folder, 'old.csv');
    await writeFile(old, 'of before');
    const options = { flag: 'w', option: '--forecasts' } as const;
    await (await openOutput(old, { ...options, others: [file] })).close();
    expect(await readFile(old, 'utf8')).toBe('');
    await symlink(folder, join(folder, 'other'));
    const others = [file, join(folder, 'other', 'new.csv')];
    await expect(openOutput(join(folder, 'new.csv'), { ...options, others })).rejects.toThrow(
      'new.csv is read or written already',
    );
  });
});
