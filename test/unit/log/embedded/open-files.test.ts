import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemDisk } from '../../../../src/log/embedded/disk.ts';
import { OpenFiles } from '../../../../src/log/embedded/open-files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

it('writes to more files between two syncs than it keeps open, then closes some', async () => {
  const folder = await temporaryFolder();
  const state = { open: 0, greatest: 0 };
  const files = new OpenFiles({
    ...systemDisk,
    open: (path, create) => {
      state.open += 1;
      state.greatest = Math.max(state.greatest, state.open);
      return systemDisk.open(path, create);
    },
    close: (fd) => {
      state.open -= 1;
      systemDisk.close(fd);
    },
  });
  onTestFinished(() => files.close());
  const paths = Array.from({ length: 300 }, (_, index) => join(folder, `${index}`));
  for (const [index, path] of paths.entries()) files.write(path, [Uint8Array.of(index % 256)], 0);
  expect(state.greatest).toBe(300);
  await files.sync();
  const into = new Uint8Array(1);
  for (const [index, path] of paths.entries()) {
    expect(files.read(path, into, 0)).toBe(1);
    expect(into[0]).toBe(index % 256);
  }
  files.write(join(folder, 'one more'), [into], 0);
  expect(state.open).toBe(256);
});
