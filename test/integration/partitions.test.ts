import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { tidecast } from '../support/tidecast-process.ts';
import { countIn, differenceOf, topicContents, type Contents } from '../support/topic-contents.ts';
import { runWithheld } from '../support/withheld-run.ts';

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
/** A handful of departures a day: most of their hours are forecast and scored for no event. */
const QUIETEST = [
  'ROA',
  'EUG',
  'RST',
  'BFL',
  'SPS',
  'DLH',
  'MSO',
  'PIA',
  'TLH',
  'BMI',
  'BIS',
  'FNT',
];
const HOUR = 3_600_000;
const ROLES = ['ingest', 'forecasting', 'monitoring', 'summary'] as const;
const RUN = ['run', '--roles', ROLES.join(), '--until-idle'];

const FROM = '2001-02-05';
const TO = Date.UTC(2001, 1, 20);
/** As many as there may be, so that there is more accuracy to compare. */
const WINDOWS = 'monitoring: { windows: [1d, 2d, 3d, 5d, 7d, 14d] }';

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

const PER_SERIES = ['features', 'forecasts', 'scores', 'late'];
const PER_MODEL = ['accuracy', 'drift'];

/** What a run left, when the partitions of keys and records are forgotten. */
const left = async (folder: string): Promise<Contents> =>
  renamed(await contentsOf(folder, [...PER_SERIES, ...PER_MODEL]), (key) =>
    key.split('|').slice(1, -1).join('|'),
  );

const only = (contents: Contents | undefined, names: readonly string[]): Contents =>
  new Map(
    names.map((name) => {
      const topic = `departures.${name}`;
      return [topic, contents?.get(topic) ?? new Map<string, readonly string[]>()];
    }),
  );

describe('the same events on other partitions', () => {
  let root = '';
  let lines: readonly string[] = [];
  const spread = new Map<number, Contents>();

  const folderOf = async (name: string, ...more: readonly string[]): Promise<string> => {
    const folder = join(root, name);
    await mkdir(folder);
    const data = join(folder, 'data');
    await writeFile(
      join(folder, 'tidecast.yaml'),
      departuresConfig({ from: FROM, data, hasIds: true, stream: [WINDOWS], more }),
    );
    return folder;
  };

  const runSpread = async (partitions: number): Promise<Contents> => {
    const folder = await folderOf(`spread-${partitions}`, `kafka: { partitions: ${partitions} }`);
    await tidecast(folder, 'produce', join(root, 'flights.jsonl'), '--topic', 'flights');
    await tidecast(folder, ...RUN);
    return left(folder);
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const file = join(root, 'flights.jsonl');
    await writeFlights(file, new Set(AIRPORTS), { toMs: TO, repeatsOneOf: 7 });
    lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    for (const partitions of [1, 4, 8]) spread.set(partitions, await runSpread(partitions));
  }, 180_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it('are counted by hour as in their file, each once', () => {
    const counts = new Map<string, number>();
    for (const line of new Set(lines)) {
      // Written by this test, from the flights.
      const { origin, date } = JSON.parse(line) as { origin: string; date: string };
      const name = `${origin} ${Math.floor(Date.parse(`${date}Z`) / HOUR)}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    let compared = 0;
    for (const [series, values] of spread.get(8)?.get('departures.scores') ?? []) {
      for (const value of values) {
        // A score, by the topic's schema.
        const score = (JSON.parse(value) as { value: { target: number; actual: number } }).value;
        expect(score.actual).toBe(counts.get(`${series} ${score.target / HOUR}`) ?? 0);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(4_000);
  });

  it.each([4, 8])('are forecast and scored alike on %i', (partitions) => {
    const single = only(spread.get(1), PER_SERIES);
    expect(differenceOf(single, only(spread.get(partitions), PER_SERIES))).toBeUndefined();
    expect(countIn(single)).toBeGreaterThan(10_000);
  });

  it.each([4, 8])('give the same accuracy of a model on %i', (partitions) => {
    const single = only(spread.get(1), PER_MODEL);
    expect(differenceOf(single, only(spread.get(partitions), PER_MODEL))).toBeUndefined();
    expect(countIn(single)).toBeGreaterThan(80);
  });

  it.each([4, 8])(
    'are forecast alike where each of %i is read wholly before the next',
    async (partitions) => {
      const topic = 'flights';
      // In runs of sixteen of the file; what comes again does so in the partition after.
      const ofPartition = (partition: number): readonly string[] =>
        lines.filter((line, index) => {
          const isRepeated = line === lines[index - 1];
          return ((index >> 4) + (isRepeated ? 1 : 0)) % partitions === partition;
        });
      const folder = await folderOf(
        `whole-${partitions}`,
        `kafka: { partitions: ${partitions} }`,
        // Else the first partition would be paused far ahead of those that are withheld.
        'limits: { alignmentPeriods: 10000 }',
      );
      const standings = await runWithheld({
        ...{ folder, roles: ROLES, topic },
        partitions: Array.from({ length: partitions }, (_, index) => ofPartition(index)),
      });
      for (const [index, { positions, watermark }] of standings.entries()) {
        const isLast = index === partitions - 1;
        expect(positions.slice(index + 1).every((next) => next === 0)).toBe(true);
        expect(watermark > -Infinity).toBe(isLast);
      }
      expect(standings).toHaveLength(partitions);
      const single = only(spread.get(1), [...PER_SERIES, ...PER_MODEL]);
      expect(differenceOf(single, await left(folder))).toBeUndefined();
      expect(countIn(single)).toBeGreaterThan(10_000);
    },
    120_000,
  );
});

describe('the same events in other batches', () => {
  const TOPICS = ['observations', 'decisions', 'partials', ...PER_SERIES, ...PER_MODEL];
  const contents = new Map<number, Contents>();

  const of = (records: number): Contents => contents.get(records) ?? new Map();

  const inBatchesOf = async (from: string, records: number): Promise<Contents> => {
    const folder = `${from}-${records}`;
    await cp(from, folder, { recursive: true });
    await tidecast(folder, ...RUN, '--set', `limits.batchRecordsMax=${records}`);
    return renamed(await contentsOf(folder, TOPICS), (key) => key);
  };

  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const from = join(root, 'loaded');
    await mkdir(from);
    const config = departuresConfig({ from: '2001-01-04', more: ['kafka: { partitions: 2 }'] });
    await writeFile(join(from, 'tidecast.yaml'), config);
    const toMs = Date.UTC(2001, 0, 16);
    await writeFlights(join(from, 'flights.jsonl'), new Set(QUIETEST), { toMs });
    await tidecast(from, 'produce', 'flights.jsonl', '--topic', 'flights');
    for (const records of [1, 7, 5_000]) contents.set(records, await inBatchesOf(from, records));
    await rm(root, { recursive: true, force: true });
  }, 120_000);

  it.each([1, 7])('give the same output, to batches of %i', (records) => {
    const [large, small] = [of(5_000), of(records)];
    expect(differenceOf(large, small)).toBeUndefined();
    expect(countIn(large)).toBeGreaterThan(10_000);
  });
});
