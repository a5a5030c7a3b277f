import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { appendAll, outgoing, topic, valuesOf } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { ForgetfulDevice } from './forgetful-device.ts';

const open = async (folder: string, { disk }: ForgetfulDevice): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({ folder, clock: systemClock, disk, segmentBytesMax: 300 });
  onTestFinished(async () => {
    await Promise.allSettled([log.close()]);
  });
  return log;
};

const value = (number: number): string => `${number}`.padEnd(90, '.');

const append = (log: EmbeddedLog, ...numbers: readonly number[]): Promise<void> =>
  appendAll(
    log,
    numbers.map((number) => outgoing('a', 0, value(number))),
  );

const FAILURES = [
  ['EIO', 'look after the disk'],
  ['ENOSPC', 'make room on it'],
] as const;

const failed = (code: string): Error => Object.assign(new Error(`${code}: fdatasync`), { code });

/** A log with records before and after its last sync mark, whose device then fails a sync. */
const failing = async (folder: string, device: ForgetfulDevice, code: string) => {
  const log = await open(folder, device);
  await log.ensureTopics([topic('a', 1)]);
  await append(log, 1);
  const early = await (await log.producer('early')).begin();
  await early.send([outgoing('a', 0, 'never')]);
  await append(log, 2);
  await log.sync();
  for (let number = 3; number <= 8; number += 1) await append(log, number);
  await early.abort();
  device.failure = failed(code);
  await expect(log.sync()).rejects.toMatchObject({ code: 'LOG_DISK', retriable: false });
  device.failure = undefined;
  return log;
};

const KEPT = [1, 2, 3, 4, 5, 6, 7, 8].map(value);

describe.each(FAILURES)('an embedded log whose sync failed with %s', (code, advice) => {
  it('commits nothing more, reads on, and says what to do', async () => {
    const device = new ForgetfulDevice();
    const log = await failing(join(await temporaryFolder(), 'log'), device, code);
    await expect(append(log, 9)).rejects.toMatchObject({ code: 'LOG_DISK', retriable: false });
    await expect(log.sync()).rejects.toThrow(advice);
    await expect(log.maintain()).rejects.toThrow('start again');
    expect(await valuesOf(log, 'a')).toEqual(KEPT);
    await expect(log.close()).rejects.toMatchObject({ code: 'LOG_DISK' });
  });

  it('has all of it on the device once it was opened again', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'log');
    const device = new ForgetfulDevice();
    const log = await failing(folder, device, code);
    await expect(log.close()).rejects.toMatchObject({ code: 'LOG_DISK' });
    const again = await open(folder, device);
    expect(await valuesOf(again, 'a')).toEqual(KEPT);
    await append(again, 9);
    await again.sync();
    device.cutPower(folder, join(root, 'cut'));
    const last = await open(join(root, 'cut'), new ForgetfulDevice());
    expect(await valuesOf(last, 'a')).toEqual([...KEPT, value(9)]);
  });

  it('leaves a whole prefix where the power fails before it is opened again', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'log');
    const device = new ForgetfulDevice();
    await failing(folder, device, code);
    device.cutPower(folder, join(root, 'cut'));
    const last = await open(join(root, 'cut'), new ForgetfulDevice());
    expect(await valuesOf(last, 'a')).toEqual(KEPT.slice(0, 2));
  });
});
