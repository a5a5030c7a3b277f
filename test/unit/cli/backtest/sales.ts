import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../../../src/core/random.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const DAY_MS = 86_400_000;
export const START = Date.UTC(2001, 0, 1);

export const fileWith = async (content: string): Promise<string> => {
  const file = join(await temporaryFolder(), 'sales.csv');
  await writeFile(file, content);
  return file;
};

export const dayOf = (index: number): string =>
  new Date(START + index * DAY_MS).toISOString().slice(0, 10);

export const DAYS = 200;

/** Two stores, one with a comma in its name, of which each week is like the last. */
export const sales = (): string => {
  const random = seededRandom('sales');
  const lines = ['store,day,amount'];
  for (const store of ['a', 'b,c']) {
    for (let day = 0; day < DAYS; day += 1) {
      const amount = 50 + 20 * Math.sin((2 * Math.PI * day) / 7) + 3 * random.normal();
      lines.push(`"${store}",${dayOf(day)},${amount.toFixed(3)}`);
    }
  }
  return `${lines.join('\n')}\n`;
};
