import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

const AIRPORTS = new Set(['ANC', 'BOI', 'TYS']);
const RUN = ['run', '--roles', 'ingest,forecasting,monitoring,summary', '--until-idle'];
const MIDDLE = Date.UTC(2001, 0, 10);
const END = Date.UTC(2001, 0, 20);
/** When the second half is appended. */
const LATER = '2001-07-02T00:00:00Z';
const TOPICS = ['features', 'forecasts', 'scores', 'late', 'accuracy', 'drift'];

const CONFIG = departuresConfig({ from: '2001-01-04' });

/** What a run left below a prefix, by the bare names of topics. */
const left = async (folder: string, prefix = ''): Promise<Contents> => {
  const names = TOPICS.map((name) => `${prefix}departures.${name}`);
  const contents = withoutWatermarks(await topicContents(join(folder, 'data'), names));
  return new Map([...contents].map(([topic, byKey]) => [topic.slice(prefix.length), byKey]));
};

/** The values of one, and behind them those of another, key by key. */
const followedBy = (one: Contents, other: Contents): Contents =>
  new Map(
    [...one].map(([topic, byKey]) => {
      const behind = other.get(topic) ?? new Map<string, readonly string[]>();
      const keys = new Set([...byKey.keys(), ...behind.keys()]);
      const values = [...keys].map(
        (key) => [key, [...(byKey.get(key) ?? []), ...(behind.get(key) ?? [])]] as const,
      );
      return [topic, new Map(values)];
    }),
  );

describe('an application that is begun again, under another name and in place', () => {
  let root = '';

  const folderOf = async (name: string): Promise<string> => {
    const folder = join(root, name);
    await mkdir(folder);
    await writeFile(join(folder, 'tidecast.yaml'), CONFIG);
    return folder;
  };

  const produce = (folder: string, file: string, ...more: readonly string[]): Promise<string> =>
    tidecast(folder, 'produce', join(root, file), '--topic', 'flights', ...more);

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    await writeFlights(join(root, 'first.jsonl'), AIRPORTS, { toMs: MIDDLE });
    await writeFlights(join(root, 'second.jsonl'), AIRPORTS, { fromMs: MIDDLE, toMs: END });
  }, 60_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it('leaves what one leaves that has never seen what came before', async () => {
    const fresh = await folderOf('fresh');
    await produce(fresh, 'second.jsonl');
    await tidecast(fresh, ...RUN);
    const both = await folderOf('both');
    await produce(both, 'first.jsonl');
    await produce(both, 'second.jsonl', '--set', `clock.start=${LATER}`);
    await tidecast(both, ...RUN);
    const before = await left(both);

    await tidecast(both, 'replay', '--to', LATER, '--as', 'again');
    const names = ['--set', 'application=again', '--set', 'kafka.topicPrefix=again.'];
    await tidecast(both, ...RUN, ...names);
    const expected = await left(fresh);
    expect(differenceOf(expected, await left(both, 'again.'))).toBeUndefined();
    expect(countIn(expected)).toBeGreaterThan(1_000);

    // The old one is where it was, and neither opens what the other remembers.
    await tidecast(both, ...RUN);
    expect(differenceOf(before, await left(both))).toBeUndefined();
    expect(countIn(before)).toBeGreaterThan(countIn(expected));
    const stores = await readdir(join(both, 'data', 'stores'));
    expect(stores.filter((name) => name !== 'format').sort()).toEqual(['again.again', 'tidecast']);

    // In place the same is written behind what is there.
    await tidecast(both, 'replay', '--to', LATER, '--in-place', '--yes');
    await tidecast(both, ...RUN);
    expect(differenceOf(followedBy(before, expected), await left(both))).toBeUndefined();
    // Nothing is left over that another start would do.
    await tidecast(both, ...RUN);
    expect(differenceOf(followedBy(before, expected), await left(both))).toBeUndefined();
  }, 180_000);
});
