import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { tidecast } from '../support/tidecast-process.ts';
import {
  countIn,
  differenceOf,
  topicContents,
  withoutWatermarks,
  type Contents,
} from '../support/topic-contents.ts';

const AIRPORTS = new Set(['BNA', 'SMF', 'HNL', 'ANC', 'BOI', 'TYS', 'JFK', 'GEG']);
const RUN = ['run', '--roles', 'ingest,forecasting,monitoring,summary', '--until-idle'];
/** In the middle of an hour and of a day, so that both are open while the source is silent. */
const SILENCE = Date.UTC(2001, 1, 11, 14, 25);
const END = Date.UTC(2001, 1, 20);

/** Without `idleAfter`: its default is far shorter than the silence between the two runs seems. */
const CONFIG = departuresConfig({ from: '2001-02-05', idleAfter: null });

const TOPICS = ['features', 'forecasts', 'scores', 'late', 'accuracy', 'drift'];

const left = async (folder: string): Promise<Contents> => {
  const names = TOPICS.map((name) => `departures.${name}`);
  return withoutWatermarks(await topicContents(join(folder, 'data'), names));
};

describe('a source that is filled again after everything was idle', () => {
  let root = '';

  const folderOf = async (name: string): Promise<string> => {
    const folder = join(root, name);
    await mkdir(folder);
    await writeFile(join(folder, 'tidecast.yaml'), CONFIG);
    return folder;
  };

  const produce = (folder: string, file: string): Promise<string> =>
    tidecast(folder, 'produce', join(root, file), '--topic', 'flights');

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    await writeFlights(join(root, 'first.jsonl'), AIRPORTS, { toMs: SILENCE });
    await writeFlights(join(root, 'more.jsonl'), AIRPORTS, { fromMs: SILENCE, toMs: END });
  }, 60_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it('loses nothing: two runs leave what one run over all of it leaves', async () => {
    const once = await folderOf('once');
    await produce(once, 'first.jsonl');
    await produce(once, 'more.jsonl');
    await tidecast(once, ...RUN);
    const twice = await folderOf('twice');
    await produce(twice, 'first.jsonl');
    await tidecast(twice, ...RUN);
    const before = countIn(await left(twice));
    await produce(twice, 'more.jsonl');
    await tidecast(twice, ...RUN);
    const whole = await left(once);
    expect(differenceOf(whole, await left(twice))).toBeUndefined();
    expect(before).toBeGreaterThan(1_000);
    expect(countIn(whole)).toBeGreaterThan(before + 2_000);
  }, 120_000);
});
