import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { countIn } from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';
import { Ground } from './ground.ts';
import { storm } from './storm.ts';

/**
 * Where a process dies, by the steps of the protocol in docs/exactly-once.md: at which pass of it
 * when it has all tasks, so that the later steps strike amid work.
 */
const POINTS = [
  ['init-producer:unsent', 4],
  ['init-producer:sent', 4],
  ['records:sent', 4],
  ['end:sent', 4],
  ['changelog:read', 6],
  ['source:read', 12],
  ['add-partitions:unsent', 24],
  ['add-partitions:sent', 24],
  ['records:unsent', 24],
  ['records:sent', 24],
  ['offsets:sent', 16],
  ['end:unsent', 24],
  ['end:sent', 24],
  ['end:answered', 24],
  ['store:writing', 6],
] as const;

const START_MS = 360_000;
const LIVES_MS = 360_000;
const LIFE_MS = 30_000;
const KILLS = Number(process.env['TEST_KILLS'] ?? 20);
const SEED = process.env['TEST_SEED'] ?? 'storm';

describeOnKafka('a process on Kafka that is killed', () => {
  let ground: Ground;

  beforeAll(async () => {
    ground = await Ground.start({ brokers: 1, slices: POINTS.length });
    expect(countIn(ground.calm.contents)).toBeGreaterThan(10_000);
  }, START_MS);

  afterAll(() => ground.close());

  it.each([
    ['with its disk', 'kept', false],
    ['without a disk', 'wiped', false],
    ['beside a live rival', 'rival', true],
  ])(
    'at any step leaves what a calm run leaves, %s',
    async (_what, name, hasRival) => {
      const { opened, slices } = ground;
      const flights = ground.application(name, { roles: ['ingest', 'forecasting'] });
      await flights.feed(opened.log, slices[0] ?? []);
      const rival = hasRival ? await flights.start('rival') : undefined;
      for (const [index, [point, pass]] of POINTS.entries()) {
        // A rival has half of the tasks.
        const life = await flights.start('disk', `${point}#${hasRival ? pass / 2 : pass}`);
        if (hasRival) await life.saysOrEnds(/task-acquired/);
        if (index > 0) await flights.feed(opened.log, slices[index] ?? []);
        const { signal, err } = await life.endsWithin(LIFE_MS);
        expect(signal, `${point}: ${err}`).toBe('SIGKILL');
        if (name === 'wiped') await flights.wipe('disk');
      }
      await rival?.stop();
      await flights.finish('disk');
      expect(await ground.verdictOn(flights)).toBeUndefined();
    },
    LIVES_MS,
  );

  it(
    `at ${KILLS} random instants leaves what a calm run leaves`,
    async () => {
      const rounds = await storm(ground, { kills: KILLS, random: seededRandom(SEED) });
      const sum = (of: (round: (typeof rounds)[number]) => number): number =>
        rounds.reduce((all, round) => all + of(round), 0);
      for (const { name, verdict } of rounds) expect(verdict, `${name}, ${SEED}`).toBeUndefined();
      expect(sum(({ kills }) => kills)).toBe(KILLS);
      // Else it killed nothing that mattered.
      expect(sum(({ open }) => open)).toBeGreaterThan(0);
      expect(sum(({ early }) => early)).toBeLessThan(KILLS / 2);
    },
    LIVES_MS,
  );
});
