import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Application } from '../../src/cli/run/application.ts';
import { CLAIM_KEY, COMMIT_KEY } from '../../src/streams/changelog.ts';
import type { TaskStatus } from '../../src/streams/task-status.ts';
import { everyRecordOf, recordsOf } from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';
import {
  ROLES,
  SESSION_MS,
  TRANSACTION_MS,
  type FlightsApplication,
} from './flights-application.ts';
import { Ground } from './ground.ts';
import { PARTITIONS } from './raw-flights.ts';
import { RestlessGroups } from './restless-groups.ts';

const BROKERS = 3;
const SLICES = 6;
const START_MS = 360_000;
const LIVES_MS = 240_000;
const LOOK_MS = 50;
const ACQUIRED = /task-acquired/;

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0);

describeOnKafka('on three brokers', () => {
  let ground: Ground;

  beforeAll(async () => {
    ground = await Ground.start({
      ...{ brokers: BROKERS, slices: SLICES },
      roles: ['ingest', 'forecasting'],
    });
  }, START_MS);

  afterAll(() => ground.close());

  const feed = async (flights: FlightsApplication, slice: number): Promise<void> =>
    flights.feed(ground.opened.log, ground.slices[slice] ?? []);

  const feedFrom = async (flights: FlightsApplication, from: number): Promise<void> => {
    for (let slice = from; slice < SLICES; slice += 1) await feed(flights, slice);
  };

  /** How many records of a key the changelog of each task has. */
  const countsOf = async (
    { changelogs }: FlightsApplication,
    counted: string,
  ): Promise<readonly number[]> => {
    const { log } = ground.opened;
    const all: number[] = [];
    for (const { definition } of await log.topics()) {
      if (!changelogs.includes(definition.name)) continue;
      const counts = Array.from({ length: definition.partitions }, () => 0);
      for await (const { key, partition } of everyRecordOf(log, definition)) {
        if (key?.toString() === counted) counts[partition] = (counts[partition] ?? 0) + 1;
      }
      all.push(...counts);
    }
    return all;
  };

  /** Waits until each task has a worker with which it finds nothing more to do. */
  const drained = async (workers: readonly Pick<Application, 'tasks'>[]): Promise<void> => {
    const tasks = (): readonly TaskStatus[] => workers.flatMap((worker) => worker.tasks());
    const namesOf = (some: readonly TaskStatus[]): ReadonlySet<string> =>
      new Set(some.map(({ topology, partition }) => `${topology}.${partition}`));
    const isDone = ({ state, isDrained }: TaskStatus): boolean => state === 'RUNNING' && isDrained;
    while (namesOf(tasks().filter(isDone)).size < namesOf(tasks()).size) {
      const halted = tasks().find(({ state }) => state === 'HALTED');
      if (halted !== undefined) throw new Error(`${halted.topology} halted: ${halted.error ?? ''}`);
      await wait(LOOK_MS);
    }
  };

  it(
    'each broker may die amid transactions and come back',
    async () => {
      const flights = ground.application('brokers');
      await feed(flights, 0);
      const worker = await flights.start('disk');
      await worker.saysOrEnds(ACQUIRED);
      for (let broker = 1; broker <= BROKERS; broker += 1) {
        await feed(flights, broker);
        await wait(150);
        await ground.kafka.kill(broker, 'SIGKILL');
        await wait(1_000);
        await ground.kafka.restart(broker);
      }
      await feedFrom(flights, BROKERS + 1);
      await worker.stop();
      await flights.finish('disk');
      expect(await ground.verdictOn(flights)).toBeUndefined();
    },
    LIVES_MS,
  );

  it(
    'a worker that slept longer than its session and its transactions writes nothing more',
    async () => {
      const flights = ground.application('zombie');
      await feed(flights, 0);
      const sleeper = await flights.start('sleeper');
      await sleeper.saysOrEnds(ACQUIRED);
      await feed(flights, 1);
      await wait(300);
      sleeper.kill('SIGSTOP');
      const rival = await flights.start('rival');
      await rival.saysOrEnds(ACQUIRED);
      await feed(flights, 2);
      await wait(SESSION_MS + TRANSACTION_MS);
      sleeper.kill('SIGCONT');
      await feedFrom(flights, 3);
      await wait(2_000);
      await sleeper.stop();
      await rival.stop();
      await flights.finish('rival');
      expect(await ground.verdictOn(flights)).toBeUndefined();
      // The sleeper, the rival, the sleeper anew, the rival once more, the last run.
      expect(Math.max(...(await countsOf(flights, CLAIM_KEY)))).toBeLessThanOrEqual(5);
    },
    LIVES_MS,
  );

  it(
    'workers may leave their groups and come back at every second commit',
    async () => {
      const flights = ground.application('restless', { roles: ROLES, batchRecordsMax: 4_000 });
      await feed(flights, 0);
      const groups = new RestlessGroups();
      const workers = [
        await flights.startHere('one', (log) => groups.logOf(log)),
        await flights.startHere('other', (log) => groups.logOf(log)),
      ];
      await feedFrom(flights, 1);
      await drained(workers);
      await groups.rest();
      for (const worker of workers) await worker.stop();
      await flights.finish('one');
      expect(await ground.verdictOn(flights)).toBeUndefined();
      const claims = await countsOf(flights, CLAIM_KEY);
      const commits = await countsOf(flights, COMMIT_KEY);
      // Every task of every topology went to and fro, about as often as it committed.
      expect(claims).toHaveLength(ROLES.length * PARTITIONS);
      expect(Math.min(...claims)).toBeGreaterThan(3);
      expect(sumOf(claims)).toBeGreaterThan(sumOf(commits) / 2);
    },
    LIVES_MS,
  );

  it(
    'transactions may follow each other at once: the markers of one are still written',
    async () => {
      const { log } = ground.opened;
      const [topic, partitions, transactions, records] = ['tight', 6, 150, 100];
      await log.ensureTopics([{ name: topic, partitions, cleanup: 'delete' }]);
      const producer = await log.producer('tight');
      for (let transaction = 0; transaction < transactions; transaction += 1) {
        const begun = await producer.begin();
        await begun.send(
          Array.from({ length: records }, (_, index) => ({
            ...{ topic, partition: index % partitions, key: null },
            value: Buffer.from(`${transaction * records + index}`),
          })),
        );
        await begun.commit();
      }
      // A commit is decided before all of its markers are written.
      for (let isStable = false; !isStable;) {
        await wait(50);
        const states = await log.topics();
        const offsets = states.find(({ definition }) => definition.name === topic)?.offsets ?? [];
        isStable = offsets.every(({ stableEnd, end }) => stableEnd === end);
      }
      for (let partition = 0; partition < partitions; partition += 1) {
        const found = await recordsOf(log, topic, partition);
        const all = Array.from({ length: transactions * records }, (_, index) => index);
        expect(found.map(({ value }) => Number(value))).toEqual(
          all.filter((index) => (index % records) % partitions === partition),
        );
      }
    },
    LIVES_MS,
  );
});
