import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { missingTools } from '../../scripts/kafka/tools.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { countIn } from '../support/topic-contents.ts';
import { BROKER_PROPERTIES, FlightsApplication } from './flights-application.ts';
import { flightsByPartition } from './raw-flights.ts';
import { leftBy, verdictOn, type Left } from './verdict.ts';

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
const LIVES_MS = 240_000;
const LIFE_MS = 20_000;

const missing = await missingTools();
const isRequired = process.env['TEST_REQUIRE_REAL'] === '1';

if (missing.length > 0 && !isRequired) {
  process.stderr.write(`SKIPPED: crashes on Kafka, for want of ${missing.join(' and ')}\n`);
}

describe.runIf(missing.length === 0 || isRequired)('a process that dies at a step', () => {
  let root = '';
  let kafka: RunningKafka;
  let opened: OpenedLog;
  let calm: Left;
  let slices: readonly (readonly (readonly string[])[])[] = [];

  const application = (name: string): FlightsApplication =>
    new FlightsApplication({ kafka, name, folder: root, roles: ['ingest', 'forecasting'] });

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    slices = await flightsByPartition(root, POINTS.length);
    kafka = await startKafka({
      ...{ brokers: 1, folder: join(root, 'kafka'), properties: BROKER_PROPERTIES },
    });
    const undisturbed = application('calm');
    opened = await undisturbed.open();
    for (const slice of slices) await undisturbed.feed(opened.log, slice);
    await undisturbed.finish('disk');
    calm = await leftBy(undisturbed, opened);
  }, START_MS);

  afterAll(async () => {
    await opened.close();
    await kafka.stop();
    await rm(root, { recursive: true, force: true });
  });

  it.each([
    ['with its disk', 'kept', false],
    ['without a disk', 'wiped', false],
    ['beside a live rival', 'rival', true],
  ])(
    'leaves what a calm run leaves, %s',
    async (_what, name, hasRival) => {
      expect(countIn(calm.contents)).toBeGreaterThan(10_000);
      const flights = application(name);
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
      expect(await verdictOn(flights, opened, calm)).toBeUndefined();
    },
    LIVES_MS,
  );
});
