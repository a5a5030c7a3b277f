import { expect, it } from 'vitest';
import { streamParts } from '../../../src/cli/run/stream-parts.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

it('names the key of a region of which no holidays are known', async () => {
  const file = join(await temporaryFolder(), 'tidecast.yaml');
  const source = '{ topic: raw, series: store, time: at }';
  const stream = `{ source: ${source}, frequency: 1h, aggregate: count, holidays: XX }`;
  await writeFile(file, `streams: { sales: ${stream} }\n`);
  const config = loadConfig({ env: {}, file });
  const [sales] = config.streams;
  if (sales === undefined) throw new Error('no stream');
  expect(() => streamParts(config, sales)).toThrow(
    'streams.sales.holidays: No holidays are known for "XX"',
  );
});
