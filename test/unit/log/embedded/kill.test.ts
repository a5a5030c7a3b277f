import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { seededRandom } from '../../../../src/core/random.ts';
import { openEmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { valuesOf } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { census, torn } from './numbered-transactions.ts';

const KILLS = 20;
const CHILD = join(import.meta.dirname, 'appending-process.ts');

/**
 * Lets a process append until it has acknowledged so many, kills it, returns the last number seen.
 */
const appendAndKill = async (folder: string, acknowledgements: number): Promise<number> => {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let seen = 0;
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    seen += 1;
    // What is already in the pipe was acknowledged too, so reading goes on to its end.
    if (seen === acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  return last;
};

describe('an appending process that is killed', () => {
  it(
    `leaves exactly whole transactions, in order, none lost that it acknowledged, ${KILLS} times`,
    { timeout: 180_000 },
    async () => {
      const folder = await temporaryFolder();
      const random = seededRandom('kills');
      let before = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const acknowledged = await appendAndKill(folder, 1 + random.int(60));
        const log = await openEmbeddedLog({ folder, clock: systemClock });
        const counts = await census(log);
        const numbers = [...counts.keys()].sort((x, y) => x - y);
        expect(torn(counts)).toEqual([]);
        expect(numbers).toEqual(Array.from(numbers, (_, index) => index + 1));
        expect(numbers.length).toBeGreaterThanOrEqual(acknowledged);
        expect(acknowledged).toBeGreaterThan(before);
        expect((await log.groupOffsets('g'))[0]?.next).toBe(numbers.length);
        const last = new Map((await valuesOf(log, 'compacted')).map((n) => [Number(n) % 10, n]));
        expect(Math.max(...[...last.values()].map(Number))).toBeGreaterThanOrEqual(before);
        await log.close();
        before = numbers.length;
      }
      expect(before).toBeGreaterThan(KILLS * 10);
    },
  );
});
