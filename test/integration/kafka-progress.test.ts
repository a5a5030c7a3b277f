import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import type { LiveTask } from '../../src/cli/live-tasks.ts';
import { processClock } from '../../src/cli/process-clock.ts';
import { startApplication, type Application } from '../../src/cli/run/application.ts';
import type { Role } from '../../src/cli/run/roles.ts';
import { onKafka, type OnKafka } from '../support/kafka-cli.ts';
import { notedLogger, type NotedLogger } from '../support/noted-logger.ts';
import { appendEvents } from '../support/run-on-log.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const START_MS = 360_000;
const UNTIL_MS = 30_000;
const LOOK_MS = 100;
const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(2001, 0, 8);
const GROUP = 'far.departures.ingest';

const eventAt = (hours: number): string =>
  JSON.stringify({ origin: 'JFK', date: new Date(FROM_MS + hours * HOUR_MS).toISOString() });

/** One partition has weeks, the others a single event each: it is held back for good. */
const PARTITIONS = [
  Array.from({ length: 2_000 }, (_, at) => eventAt(at / 2)),
  ...[1, 2, 3].map(() => [eventAt(0)]),
];

interface Worker {
  readonly running: Application;
  readonly logger: NotedLogger;
}

const until = async <T>(look: () => Promise<T>, holds: (found: T) => boolean): Promise<T> => {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const found = await look();
    if (holds(found)) return found;
    if (waitedMs > UNTIL_MS) throw new Error(`it never came true: ${JSON.stringify(found)}`);
    await wait(LOOK_MS);
  }
};

describeOnKafka('a broker with data', () => {
  let folder = '';
  let kafka: RunningKafka;
  let client: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await startKafka({ brokers: 1, registry: false, folder });
    client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
    admin = client.admin();
    await admin.connect();
  }, START_MS);

  afterAll(async () => {
    await admin.disconnect();
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (on: OnKafka, roles: readonly Role[]): Promise<Worker> => {
    const opened = await on.open();
    const logger = notedLogger();
    const clock = processClock(on.config);
    const running = await startApplication({
      ...{ config: on.config, opened, clock, logger, roles },
      isEnding: () => false,
    });
    onTestFinished(async () => {
      await running.stop();
      await opened.close();
    });
    return { running, logger };
  };

  /** By what another client says of the group and of the topic. */
  const lagByAdmin = async (partition: number): Promise<number> => {
    const [committed] = await admin.fetchOffsets({ groupId: GROUP, topics: ['flights'] });
    const ends = await admin.fetchTopicOffsets('flights');
    const next = committed?.partitions.find((one) => one.partition === partition)?.offset ?? '0';
    const end = ends.find((one) => one.partition === partition)?.high ?? '0';
    return Number(end) - Math.max(0, Number(next));
  };

  const metric = async ({ running }: Worker, line: string): Promise<number | undefined> => {
    const text = await (await fetch(`${running.address ?? ''}/metrics`)).text();
    const found = text.split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };

  const lagByMetric = (worker: Worker, partition: number): Promise<number | undefined> =>
    metric(
      worker,
      'tidecast_consumer_lag{stream="departures",topology="ingest",topic="flights",' +
        `partition="${partition}"}`,
    );

  /** Whoever is held back reads nothing for so long. */
  const steady = async (worker: Worker): Promise<number> => {
    let before: number | undefined;
    const lag = await until(
      async () => {
        await wait(1_200);
        return lagByMetric(worker, 0);
      },
      (found) => {
        const isSteady = found !== undefined && found > 0 && found === before;
        before = found;
        return isSteady;
      },
    );
    return lag ?? 0;
  };

  it(
    'tells how far each task is behind, as another client computes it',
    async () => {
      const bounds = ['limits.alignmentPeriods=2', 'limits.batchRecordsMax=50'];
      const set = [...bounds, 'http.readyLagRecords=100'];
      const on = await onKafka({ brokers: kafka.brokers, name: 'far', set });
      const opened = await on.open();
      await appendEvents(opened.log, { topic: 'flights', partitions: PARTITIONS });
      await opened.close();
      const worker = await start(on, ['ingest', 'api']);
      const { running, logger } = worker;
      // One that is read by nobody.
      await admin.createPartitions({ topicPartitions: [{ topic: 'flights', count: 5 }] });

      const lag = await steady(worker);
      expect(lag).toBe(await lagByAdmin(0));
      expect(lag).toBeGreaterThan(200);
      expect(await lagByMetric(worker, 1)).toBe(0);
      expect(await lagByAdmin(1)).toBe(0);

      const ready = await fetch(`${running.address ?? ''}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        reasons: [`departures.ingest.0 is ${lag} records behind, more than 100`],
        tasks: [{ task: 'departures.ingest.0', state: 'RUNNING', lagRecords: lag }],
      });

      // What is not committed is nothing that a task could have read.
      const producer = client.producer({ transactionalId: 'open', maxInFlightRequests: 1 });
      await producer.connect();
      const transaction = await producer.transaction();
      const messages = [1, 2, 3].map((hours) => ({ value: eventAt(hours), partition: 0 }));
      await transaction.send({ topic: 'flights', messages });
      expect(await steady(worker)).toBe(lag);
      await transaction.commit();
      // With the mark of the commit.
      await until(
        () => lagByMetric(worker, 0),
        (found) => found === lag + 4,
      );
      expect(await lagByAdmin(0)).toBe(lag + 4);
      await producer.disconnect();

      const place = '{stream="departures",topology="ingest",partition="0"}';
      // It waits for others, who have all there is.
      const age = await metric(worker, `tidecast_task_commit_age_seconds${place}`);
      expect(age).toBeGreaterThan(2);
      const through = place.replace('"0"', '"1"');
      expect(await metric(worker, `tidecast_task_commit_age_seconds${through}`)).toBeLessThan(5);
      expect(await metric(worker, `tidecast_task_restore_remaining_offsets${place}`)).toBe(0);
      const watermarkLag = await metric(worker, `tidecast_task_watermark_lag_seconds${place}`);
      // The clock of the run begins on the first of July.
      expect(watermarkLag).toBeGreaterThan(100 * 86_400);
      const grown = 'tidecast_unassigned_partitions{stream="departures",topology="ingest",topic=';
      await until(
        () => metric(worker, `${grown}"flights"}`),
        (count) => count === 1,
      );
      const told = logger.lines.filter(({ fields }) => fields.action === 'source-grown');
      expect(told.map(({ level }) => level)).toEqual(['error']);
    },
    START_MS,
  );

  it(
    'shows who works on what, and lets a task be told of by its worker alone',
    async () => {
      const topic = 'flights-two';
      const set = [`streams.departures.source.topic=${topic}`];
      const options = { brokers: kafka.brokers, name: 'two', set };
      const on = await onKafka(options);
      const opened = await on.open();
      const hours = [0, 1, 2, 3, 4, 5].map(eventAt);
      await appendEvents(opened.log, { topic, partitions: [hours, hours, hours, hours] });
      await opened.close();

      const live = async (): Promise<readonly LiveTask[]> => {
        const { out } = await on.call('describe', '--live', '--json');
        // Each line is a task.
        const all = out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as LiveTask);
        return all.filter(({ topology }) => topology === 'ingest');
      };
      const ownersOf = (tasks: readonly LiveTask[]): readonly string[] =>
        tasks.map(({ owner }) => owner?.instance ?? '');
      const first = await start(on, ['ingest', 'api']);
      const alone = await until(live, (tasks) => tasks.every(({ state }) => state === 'idle'));
      expect(alone).toHaveLength(4);
      expect(new Set(ownersOf(alone)).size).toBe(1);
      for (const { owner, lagRecords, watermark, committedAt } of alone) {
        expect(owner?.host).toBe('127.0.0.1');
        expect(lagRecords).toBe(0);
        expect(watermark).toBeGreaterThan(FROM_MS);
        expect(watermark).toBeLessThan(FROM_MS + 5 * HOUR_MS);
        expect(committedAt).toBeGreaterThan(FROM_MS);
      }

      await start(await onKafka({ ...options, registry: on.registry }), ['ingest']);
      const both = await until(live, (tasks) => new Set(ownersOf(tasks)).size === 2);
      const kept = both.filter(({ owner }) => owner?.instance === alone[0]?.owner?.instance);
      expect(kept).toHaveLength(2);
      const place = '{stream="departures",topology="ingest"';
      await until(
        () => metric(first, `tidecast_tasks${place},state="closed"}`),
        (closed) => closed === 2,
      );
      const ages = [0, 1, 2, 3].map(
        async (partition) =>
          await metric(first, `tidecast_task_commit_age_seconds${place},partition="${partition}"}`),
      );
      const told = (await Promise.all(ages)).flatMap((age, partition) =>
        age === undefined ? [] : [partition],
      );
      expect(told).toEqual(kept.map(({ partition }) => partition));
      // Nor does what others do keep it from answering.
      expect((await fetch(`${first.running.address ?? ''}/readyz`)).status).toBe(200);
    },
    START_MS,
  );

  it(
    'lets an application begin again in place, once nobody works on it any more',
    async () => {
      const topic = 'flights-again';
      const set = [`streams.departures.source.topic=${topic}`];
      const on = await onKafka({ brokers: kafka.brokers, name: 'again', set });
      const opened = await on.open();
      const hours = [0, 1, 2, 3, 4, 5].map(eventAt);
      await appendEvents(opened.log, { topic, partitions: [hours, hours, hours, hours] });
      await opened.close();
      const observed = async (): Promise<readonly string[]> => {
        const { out } = await on.call('topics', 'read', 'again.departures.observations', '--json');
        return out.split('\n').flatMap((line) => {
          if (line === '') return [];
          // Each line is a record.
          const { value, headers } = JSON.parse(line) as Record<string, unknown>;
          return [JSON.stringify({ value, headers })];
        });
      };
      const replay = () => on.call('replay', '--to', 'start', '--in-place', '--yes');

      const { running } = await start(on, ['ingest', 'forecasting']);
      const before = await until(observed, ({ length }) => length === 24);
      const refused = await replay();
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringContaining('127.0.0.1 has tasks of departures.ingest): stop all its workers'),
      ]);
      await running.stop();
      const begun = await replay();
      expect([begun.code, begun.err]).toEqual([0, expect.stringContaining('It begins again')]);
      expect(await observed()).toEqual(before);
      await start(on, ['ingest', 'forecasting']);
      const after = await until(observed, ({ length }) => length === 48);
      expect([...after].sort()).toEqual([...before, ...before].sort());
      const committed = await admin.fetchOffsets({ groupId: 'again.departures.ingest' });
      const next = committed[0]?.partitions.map(({ offset }) => Number(offset) > 0);
      expect(next).toEqual([true, true, true, true]);
    },
    START_MS,
  );
});
