import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { killRuns, type Aim, type Kill } from '../support/killed-runs.ts';
import { tidecast } from '../support/tidecast-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { countIn, differenceOf, topicContents, type Contents } from '../support/topic-contents.ts';

const AIRPORTS = new Set(['ATL', 'ORD', 'SEA', 'BNA', 'SMF', 'HNL', 'ANC', 'BOI', 'JFK', 'TYS']);
const KILLS = Number(process.env['TEST_KILLS'] ?? 20);
const SEED = process.env['TEST_SEED'] ?? 'kills';
const ROLES = 'ingest,forecasting,monitoring,summary';
const TIMEOUT_MS = 60_000 + KILLS * 20_000;

/** Small batches, so that at each kill there is work left, and a commit never far. */
const LIMITS = 'limits: { stateFlushMs: 500, batchRecordsMax: 300 }';
const CONFIG = departuresConfig({ from: '2001-01-05', hasIds: true, more: [LIMITS] });

const named = (name: string): string => `departures.${name}`;

const TOPICS = [
  'observations',
  'features',
  'forecasts',
  'scores',
  'late',
  'decisions',
  'partials',
  'accuracy',
  'drift',
].map(named);

/** What the tasks that read, that forecast and that follow them write as they work. */
const WORK = ['observations', 'forecasts', 'scores', 'partials'].map(named);
/** A task writes its claim first, and restores up to it. */
const CLAIMS = ['ingest', 'forecasting', 'monitoring', 'summary'].map(
  (name) => `tidecast.departures.${name}.changelog`,
);
const AT_WORK: Aim = { type: 'work', topics: WORK, spanMs: 450 };
const AT_RESTORE: Aim = { type: 'work', topics: CLAIMS, spanMs: 200 };
const AT_START: Aim = { type: 'start' };

/** One kill in four hits the start or the restore, the others work. */
const aimOf = (index: number): Aim => {
  if (index % 4 < 3) return AT_WORK;
  return index % 8 === 3 ? AT_RESTORE : AT_START;
};

/** The topics of a run, with the dead letters of its source. */
const contentsOf = (folder: string): Promise<Contents> =>
  topicContents(join(folder, 'data'), [...TOPICS, 'alerts', 'flights.dead-letters']);

const RUN = ['run', '--roles', ROLES, '--until-idle'];

describe('a process that is killed again and again', () => {
  let loaded = '';
  let calm: Contents = new Map();

  beforeAll(async () => {
    loaded = await mkdtemp(join(tmpdir(), 'tidecast-'));
    await writeFile(join(loaded, 'tidecast.yaml'), CONFIG);
    const file = join(loaded, 'flights.jsonl');
    await writeFlights(file, AIRPORTS, { toMs: Date.UTC(2001, 0, 25), repeatsOneOf: 7 });
    await writeFile(file, 'no JSON\n{"date":"2001-02-01T00:00:00","origin":""}\n', { flag: 'a' });
    await tidecast(loaded, 'produce', 'flights.jsonl', '--topic', 'flights');
    const folder = join(loaded, 'calm');
    await cp(join(loaded, 'data'), join(folder, 'data'), { recursive: true });
    await cp(join(loaded, 'tidecast.yaml'), join(folder, 'tidecast.yaml'));
    await tidecast(folder, ...RUN);
    calm = await contentsOf(folder);
  }, TIMEOUT_MS);

  afterAll(() => rm(loaded, { recursive: true, force: true }));

  const copy = async (): Promise<string> => {
    const folder = await temporaryFolder();
    await cp(join(loaded, 'data'), join(folder, 'data'), { recursive: true });
    await cp(join(loaded, 'tidecast.yaml'), join(folder, 'tidecast.yaml'));
    return folder;
  };

  it.each([
    ['its state on disk', true],
    ['no state but the log', false],
  ])(
    'leaves what a calm run leaves, with %s',
    async (_what, keepsStores) => {
      const random = seededRandom(`${SEED}/${String(keepsStores)}`);
      expect(countIn(calm)).toBeGreaterThan(10_000);
      const kills: Kill[] = [];
      // A run that is through before it was killed often enough is begun anew.
      while (kills.length < KILLS) {
        const folder = await copy();
        const options = { folder, args: RUN, keepsStores: () => keepsStores, random };
        const aims = Array.from({ length: KILLS - kills.length }, (_, index) => aimOf(index));
        kills.push(...(await killRuns({ ...options, aims })));
        await tidecast(folder, ...RUN);
        expect(differenceOf(calm, await contentsOf(folder)), `seed ${SEED}`).toBeUndefined();
      }
      const hits = (topics: readonly string[]): number =>
        kills.filter(({ grew }) => topics.some((topic) => grew.has(topic))).length;
      expect(hits(WORK), `seed ${SEED}`).toBeGreaterThanOrEqual(KILLS / 2);
      for (const topic of WORK) expect(hits([topic]), topic).toBeGreaterThanOrEqual(KILLS / 5);
    },
    TIMEOUT_MS,
  );
});
