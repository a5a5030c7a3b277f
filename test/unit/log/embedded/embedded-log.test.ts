import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { systemDisk, type Disk } from '../../../../src/log/embedded/disk.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import type { TransactionalProducer } from '../../../../src/log/log.ts';
import { appendAll, outgoing, topic, valuesOf } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const open = async (folder: string, disk: Disk = systemDisk): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({ folder, clock: systemClock, disk });
  onTestFinished(() => log.close());
  return log;
};

/** Collects what nothing holds any more. */
const collect = (): void => {
  setFlagsFromString('--expose-gc');
  // What the flag puts into a new context.
  (runInNewContext('gc') as () => void)();
};

describe('an embedded log', () => {
  it('lets go of its folder when it cannot abort what is open at its close', async () => {
    const folder = await temporaryFolder();
    let isBroken = false;
    const log = await open(folder, {
      ...systemDisk,
      write: (...given) => {
        if (isBroken) throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' });
        systemDisk.write(...given);
      },
    });
    await log.ensureTopics([topic('a', 1)]);
    const early = await (await log.producer('early')).begin();
    await early.send([outgoing('a', 0, 'never')]);
    await appendAll(log, [outgoing('a', 0, 'kept')]);
    isBroken = true;
    await expect(log.close()).rejects.toMatchObject({ code: 'LOG_DISK' });
    expect(await valuesOf(await open(folder), 'a')).toEqual(['kept']);
  });

  it('has the names of all new folders on the device before its index counts on them', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'data', 'log');
    const synced = new Set<string>();
    const log = await open(folder, {
      ...systemDisk,
      syncFolder: async (path) => {
        synced.add(path);
        await systemDisk.syncFolder(path);
      },
    });
    const topics = join(folder, 'topics');
    expect([...synced].sort()).toEqual([root, dirname(folder), folder]);
    synced.clear();
    await log.ensureTopics([topic('a', 2)]);
    await appendAll(log, [outgoing('a', 1, 'x')]);
    await log.sync();
    expect([...synced].sort()).toEqual([
      ...[join(folder, 'commits'), topics, join(topics, 'a'), join(topics, 'a', '1')],
    ]);
  });

  it('remembers no producer that was closed', async () => {
    const log = await open(await temporaryFolder());
    await log.ensureTopics([topic('a', 1)]);
    const opened = async (number: number): Promise<WeakRef<TransactionalProducer>> => {
      const producer = await log.producer(`once-${number}`);
      await producer.close();
      return new WeakRef(producer);
    };
    const held = [await opened(1), await opened(2), await opened(3)];
    const first = await log.producer('twice');
    const second = await log.producer('twice');
    await first.close();
    // A WeakRef holds on until the turn of the event loop in which it was made is over.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    collect();
    expect(held.filter((producer) => producer.deref() !== undefined)).toEqual([]);
    // The one that was fenced is not the one to forget.
    await log.producer('twice');
    await expect(second.begin()).rejects.toMatchObject({ code: 'LOG_FENCED' });
  });
});
