import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLAIM_KEY } from '../../src/streams/changelog.ts';
import { everyRecordOf, recordsOf } from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';
import { SESSION_MS, TRANSACTION_MS, type FlightsApplication } from './flights-application.ts';
import { Ground } from './ground.ts';

const BROKERS = 3;
const SLICES = 6;
const START_MS = 360_000;
const LIVES_MS = 240_000;
const ACQUIRED = /task-acquired/;

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

  /** How often each partition of each topology was taken over. */
  const claimsOf = async ({ changelogs }: FlightsApplication): Promise<readonly number[]> => {
    const { log } = ground.opened;
    const claims: number[] = [];
    for (const { definition } of await log.topics()) {
      if (!changelogs.includes(definition.name)) continue;
      const counts = Array.from({ length: definition.partitions }, () => 0);
      for await (const { key, partition } of everyRecordOf(log, definition)) {
        if (key?.toString() === CLAIM_KEY) counts[partition] = (counts[partition] ?? 0) + 1;
      }
      claims.push(...counts);
    }
    return claims;
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
      expect(Math.max(...(await claimsOf(flights)))).toBeLessThanOrEqual(5);
    },
    LIVES_MS,
  );

  it(
    'workers may come and go all the time',
    async () => {
      const flights = ground.application('guests');
      await feed(flights, 0);
      const host = await flights.start('host');
      await host.saysOrEnds(ACQUIRED);
      for (let slice = 1; slice < SLICES; slice += 1) {
        const guest = await flights.start('guest');
        await guest.saysOrEnds(ACQUIRED);
        await feed(flights, slice);
        await wait(200);
        await guest.stop();
      }
      await host.stop();
      await flights.finish('host');
      expect(await ground.verdictOn(flights)).toBeUndefined();
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
