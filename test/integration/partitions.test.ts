import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tidecast } from '../support/tidecast-process.ts';
import { countIn, differenceOf, topicContents, type Contents } from '../support/topic-contents.ts';

/** Quiet ones, so that a file of weeks stays short. */
const AIRPORTS = [
  'BNA',
  'SMF',
  'HNL',
  'ANC',
  'BOI',
  'TYS',
  'JFK',
  'GEG',
  'ELP',
  'OMA',
  'TUL',
  'RNO',
];
const HOUR = 3_600_000;
const RUN = ['run', '--roles', 'ingest,forecasting,monitoring,summary', '--until-idle'];

const FROM = '2001-02-05';

/** Records by another name of their keys; without watermarks, which say how partitions went on. */
const renamed = (contents: Contents, rename: (key: string) => string): Contents =>
  new Map(
    [...contents].map(([topic, byKey]) => {
      const merged = new Map<string, string[]>();
      for (const [key, values] of byKey) {
        if (key.includes('\u0000')) continue;
        const name = rename(key);
        merged.set(name, [...(merged.get(name) ?? []), ...values]);
      }
      return [topic, merged];
    }),
  );

const contentsOf = (folder: string, names: readonly string[]): Promise<Contents> =>
  topicContents(
    join(folder, 'data'),
    names.map((name) => `departures.${name}`),
  );

/** What a run left, when the partitions of keys and records are forgotten. */
const left = async (folder: string, names: readonly string[]): Promise<Contents> =>
  renamed(await contentsOf(folder, names), (key) => key.split('|').slice(1, -1).join('|'));

const PER_SERIES = ['features', 'forecasts', 'scores', 'late'];
const PER_MODEL = ['accuracy', 'drift'];

describe('the same events on other partitions', () => {
  let root = '';
  let lines: readonly string[] = [];
  const folders = new Map<number, string>();

  const folderOf = async (name: string, ...more: readonly string[]): Promise<string> => {
    const folder = join(root, name);
    await mkdir(folder);
    await writeFile(join(folder, 'tidecast.yaml'), departuresConfig({ from: FROM, more }));
    return folder;
  };

  const spread = async (partitions: number): Promise<string> => {
    const folder = await folderOf(`spread-${partitions}`, `kafka: { partitions: ${partitions} }`);
    await tidecast(folder, 'produce', join(root, 'flights.jsonl'), '--topic', 'flights');
    await tidecast(folder, ...RUN);
    return folder;
  };

  /** All events of a partition before any of the next, in runs of sixteen of the file. */
  const oneByOne = async (partitions: number): Promise<string> => {
    const folder = await folderOf(
      `whole-${partitions}`,
      `kafka: { partitions: ${partitions} }`,
      'limits: { alignmentPeriods: 10000 }',
    );
    for (let partition = 0; partition < partitions; partition += 1) {
      const own = lines.filter((_, index) => (index >> 4) % partitions === partition);
      await writeFile(join(folder, 'own.jsonl'), own.map((line) => `${line}\n`).join(''));
      const to = ['--topic', 'flights', '--partition', String(partition)];
      await tidecast(folder, 'produce', 'own.jsonl', ...to);
    }
    await tidecast(folder, ...RUN);
    return folder;
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const file = join(root, 'flights.jsonl');
    await writeFlights(file, new Set(AIRPORTS), { toMs: Date.UTC(2001, 1, 20) });
    lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    for (const partitions of [1, 4, 8]) folders.set(partitions, await spread(partitions));
  }, 180_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it('are counted by hour as in their file', async () => {
    const counts = new Map<string, number>();
    for (const line of lines) {
      // Written by this test, from the flights.
      const { origin, date } = JSON.parse(line) as { origin: string; date: string };
      const name = `${origin} ${Math.floor(Date.parse(`${date}Z`) / HOUR)}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const scores = (await left(folders.get(8) ?? '', ['scores'])).get('departures.scores');
    let compared = 0;
    for (const [series, values] of scores ?? []) {
      for (const value of values) {
        // A score, by the topic's schema.
        const score = (JSON.parse(value) as { value: { target: number; actual: number } }).value;
        expect(score.actual).toBe(counts.get(`${series} ${score.target / HOUR}`) ?? 0);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(4_000);
  });

  it.each([4, 8])('are forecast and scored alike on %i', async (partitions) => {
    const single = await left(folders.get(1) ?? '', PER_SERIES);
    expect(differenceOf(single, await left(folders.get(partitions) ?? '', PER_SERIES))).toBe(
      undefined,
    );
    expect(countIn(single)).toBeGreaterThan(10_000);
  });

  it.each([4, 8])('give the same accuracy and drift of a model on %i', async (partitions) => {
    const single = await left(folders.get(1) ?? '', PER_MODEL);
    expect(differenceOf(single, await left(folders.get(partitions) ?? '', PER_MODEL))).toBe(
      undefined,
    );
    expect(countIn(single)).toBeGreaterThan(30);
  });

  it('are forecast alike where each partition was written wholly before the next', async () => {
    const single = await left(folders.get(1) ?? '', [...PER_SERIES, ...PER_MODEL]);
    const whole = await left(await oneByOne(4), [...PER_SERIES, ...PER_MODEL]);
    expect(differenceOf(single, whole)).toBeUndefined();
    expect(countIn(single)).toBeGreaterThan(10_000);
  }, 120_000);
});

describe('the same events in other batches', () => {
  const TOPICS = ['observations', 'decisions', 'partials', ...PER_SERIES, ...PER_MODEL];
  const FEW = ['TYS', 'GEG'];

  const loaded = async (airports: readonly string[], toMs: number): Promise<string> => {
    const folder = join(await temporaryFolder(), 'loaded');
    await mkdir(folder);
    const more = ['kafka: { partitions: 2 }'];
    const config = departuresConfig({ from: '2001-01-04', more });
    await writeFile(join(folder, 'tidecast.yaml'), config);
    await writeFlights(join(folder, 'flights.jsonl'), new Set(airports), { toMs });
    await tidecast(folder, 'produce', 'flights.jsonl', '--topic', 'flights');
    return folder;
  };

  const inBatchesOf = async (from: string, records: number): Promise<Contents> => {
    const folder = join(from, '..', String(records));
    await cp(from, folder, { recursive: true });
    await tidecast(folder, ...RUN, '--set', `limits.batchRecordsMax=${records}`);
    return renamed(await contentsOf(folder, TOPICS), (key) => key);
  };

  it.each([
    // A commit for each record: a few days are many commits.
    { records: 1, airports: FEW, days: 12, least: 1_500 },
    { records: 7, airports: AIRPORTS, days: 22, least: 10_000 },
  ])(
    'give the same output, to batches of $records',
    async ({ records, airports, days, least }) => {
      const from = await loaded(airports, Date.UTC(2001, 0, days));
      const large = await inBatchesOf(from, 5_000);
      expect(differenceOf(large, await inBatchesOf(from, records))).toBeUndefined();
      expect(countIn(large)).toBeGreaterThan(least);
    },
    120_000,
  );
});
