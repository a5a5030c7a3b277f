import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemDisk } from '../../../../src/log/embedded/disk.ts';
import { OpenFiles } from '../../../../src/log/embedded/open-files.ts';
import { until } from '../../../contracts/log-harness.ts';
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

/** Files whose syncs wait until they are let go, and what happened to descriptors meanwhile. */
const slowly = async () => {
  const folder = await temporaryFolder();
  const events: string[] = [];
  const waiting: (() => void)[] = [];
  const files = new OpenFiles({
    ...systemDisk,
    sync: async (fd) => {
      events.push('begin');
      await new Promise<void>((resolve) => waiting.push(resolve));
      await systemDisk.sync(fd);
      events.push('end');
    },
    close: (fd) => {
      events.push('close');
      systemDisk.close(fd);
    },
  });
  const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
  for (const path of paths) files.write(path, [Uint8Array.of(1)], 0);
  return { files, paths, events, waiting };
};

it('syncs two files at once, which leaves threads to all else that waits', async () => {
  const { files, events, waiting } = await slowly();
  onTestFinished(() => files.close());
  const synced = files.sync();
  await until(() => waiting.length === 2);
  await new Promise((turn) => setImmediate(turn));
  expect(events).toEqual(['begin', 'begin']);
  for (const letGo of waiting.splice(0)) letGo();
  await until(() => waiting.length === 1);
  waiting[0]?.();
  await synced;
});

it('closes a file that is removed while it is synced when that is done', async () => {
  const { files, paths, events, waiting } = await slowly();
  const synced = files.sync();
  await until(() => waiting.length === 2);
  files.remove(paths[0] ?? '');
  files.remove(paths[2] ?? '');
  expect(events).toEqual(['begin', 'begin']);
  for (const letGo of waiting.splice(0)) letGo();
  await synced;
  expect(events).toEqual(['begin', 'begin', 'end', 'end', 'close', 'close']);
  files.close();
  expect(events.filter((event) => event === 'close')).toHaveLength(3);
});
