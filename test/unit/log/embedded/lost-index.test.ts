import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { appendAll, outgoing, topic, valuesOf } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { crashed, sizesOf } from './damaged-folder.ts';

const open = async (folder: string): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({ folder, clock: systemClock, compactedSegmentBytesMax: 100 });
  onTestFinished(() => log.close());
  return log;
};

const append = (log: EmbeddedLog, ...values: readonly string[]): Promise<void> =>
  appendAll(
    log,
    values.map((value) => outgoing('a', 0, value)),
  );

/** A log of one topic with a record that is on the device. */
const begun = async (folder: string): Promise<EmbeddedLog> => {
  const log = await open(folder);
  await log.ensureTopics([topic('a', 1, { cleanup: 'compact' })]);
  await append(log, 'first');
  await log.sync();
  return log;
};

const replaceIndex = (folder: string, by: string): void => {
  rmSync(join(folder, 'index'), { recursive: true });
  cpSync(join(by, 'index'), join(folder, 'index'), { recursive: true });
};

/** Refuses twice: the first attempt must not have made the second one look right. */
const expectRefused = async (folder: string, said: string): Promise<void> => {
  const before = [...sizesOf(folder)].sort();
  for (const attempt of [1, 2]) {
    const failure = await openEmbeddedLog({ folder, clock: systemClock }).then(
      (log) => log.close(),
      (error: unknown) => error,
    );
    expect(failure, `attempt ${attempt}`).toMatchObject({ code: 'LOG_CORRUPT' });
    expect(String(failure)).toMatch(said);
  }
  expect([...sizesOf(folder)].sort()).toEqual(before);
};

describe('an embedded log without the index that belongs to it', () => {
  it('is refused where the index was deleted, and nothing of it is touched', async () => {
    const folder = join(await temporaryFolder(), 'log');
    await (await begun(folder)).close();
    rmSync(join(folder, 'index'), { recursive: true });
    await expectRefused(folder, 'index was lost');
  });

  it('is refused where the commit files were deleted too', async () => {
    const folder = join(await temporaryFolder(), 'log');
    await (await begun(folder)).close();
    rmSync(join(folder, 'index'), { recursive: true });
    rmSync(join(folder, 'commits'), { recursive: true });
    mkdirSync(join(folder, 'commits'));
    await expectRefused(folder, 'index was lost');
  });

  it('is refused where the index is that of an older copy', async () => {
    const root = await temporaryFolder();
    const [folder, copy] = [join(root, 'log'), join(root, 'copy')];
    const log = await begun(folder);
    crashed(folder, copy);
    await append(log, 'second');
    await log.close();
    replaceIndex(folder, copy);
    await expectRefused(folder, 'index is older');
  });

  it('is refused where the index lacks a topic of which there are records', async () => {
    const root = await temporaryFolder();
    const [folder, copy] = [join(root, 'log'), join(root, 'copy')];
    const log = await begun(folder);
    crashed(folder, copy);
    await log.ensureTopics([topic('b', 1)]);
    await appendAll(log, [outgoing('b', 0, 'second')]);
    crashed(folder, join(root, 'killed'));
    replaceIndex(join(root, 'killed'), copy);
    await expectRefused(join(root, 'killed'), 'a topic that its index does not know');
  });

  it('is refused with all files where the index knows some that compaction replaced', async () => {
    const root = await temporaryFolder();
    const [folder, copy] = [join(root, 'log'), join(root, 'copy')];
    const log = await begun(folder);
    await append(log, 'second'.padEnd(200, '.'));
    await append(log, 'third'.padEnd(200, '.'));
    await log.sync();
    crashed(folder, copy);
    await log.compact();
    crashed(folder, join(root, 'killed'));
    replaceIndex(join(root, 'killed'), copy);
    await expectRefused(join(root, 'killed'), 'has 0 bytes instead of');
  });

  it('is as it was once the index is back', async () => {
    const root = await temporaryFolder();
    const [folder, copy] = [join(root, 'log'), join(root, 'copy')];
    const log = await begun(folder);
    await append(log, 'second');
    await log.close();
    crashed(folder, copy);
    rmSync(join(folder, 'index'), { recursive: true });
    await expectRefused(folder, 'index was lost');
    replaceIndex(folder, copy);
    expect(await valuesOf(await open(folder), 'a')).toEqual(['first', 'second']);
  });
});
