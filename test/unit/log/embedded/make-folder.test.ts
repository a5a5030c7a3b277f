import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../../../src/log/embedded/make-folder.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const REFUSED = expect.objectContaining({
  code: 'LOG_DISK',
  message: expect.stringContaining('choose another `data` folder') as string,
}) as Error;

describe('the folder of a log', () => {
  it('is made with those above it, and again without harm', async () => {
    const path = join(await temporaryFolder(), 'a', 'b', 'c');
    makeFolder(path);
    makeFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  it('is refused below a file', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    expect(() => {
      makeFolder(join(file, 'log'));
    }).toThrow(`${file} is a file: choose another \`data\` folder`);
  });

  it.runIf(existsSync('/proc'))('is refused where nothing can be made, at once', () => {
    expect(() => {
      makeFolder('/proc/tidecast/log');
    }).toThrow(REFUSED);
  });
});
