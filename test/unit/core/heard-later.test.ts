import { expect, it, onTestFinished } from 'vitest';
import { heardLater } from '../../../src/core/heard-later.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a failure that is heard of later ends no process, and is not lost', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const failure = new Error('the log is gone');
  const later = heardLater(Promise.reject(failure));
  await turn();
  expect(unhandled).toEqual([]);
  await expect(later).rejects.toBe(failure);
  expect(await heardLater(Promise.resolve(7))).toBe(7);
});
