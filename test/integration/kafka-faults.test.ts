import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import type { Log } from '../../src/log/log.ts';
import { appendAll, outgoing, valuesOf } from '../contracts/log-harness.ts';
import { KafkaProxy, nextOf, type Fate } from '../support/kafka-proxy.ts';
import { API, ERROR } from '../support/kafka-refusals.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const START_MS = 360_000;
const LOOK_MS = 20;
const SETTLED_MS = 5_000;
const QUIET_AFTER_MS = 1_500;
const COUNTED_MS = 2_000;
/** Longer than a reader relies on an answer that is due. */
const OVERDUE_MS = 1_500;
const LIMITS = { maxRecords: 10, maxBytes: 1_000 };
const HEARD_LATE: Fate = { errorCode: ERROR.unknownTopic };

describeOnKafka('a broker that fails', () => {
  let root = '';
  let kafka: RunningKafka;
  let proxy: KafkaProxy;
  /** Through the proxy, and beside it. */
  let log: Log;
  let witness: Log;
  let count = 0;

  const freshTopic = async (): Promise<string> => {
    count += 1;
    const name = `t${count}`;
    await witness.ensureTopics([{ name, partitions: 2, cleanup: 'keep' }]);
    return name;
  };

  /** Everything that is committed, once nothing is open any more. */
  const committed = async (name: string): Promise<readonly string[]> => {
    const isSettled = async (): Promise<boolean> => {
      const all = await Promise.all([0, 1].map((partition) => witness.offsets(name, partition)));
      return all.every(({ stableEnd, end }) => stableEnd === end);
    };
    for (let waitedMs = 0; !(await isSettled()) && waitedMs < SETTLED_MS; waitedMs += LOOK_MS) {
      await wait(LOOK_MS);
    }
    return (
      await Promise.all([0, 1].map((partition) => valuesOf(witness, name, partition)))
    ).flat();
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    proxy = await KafkaProxy.open();
    kafka = await startKafka({
      ...{ brokers: 1, registry: false, folder: join(root, 'kafka') },
      listeners: [{ name: 'PROXIED', protocol: 'PLAINTEXT', advertisedPorts: [proxy.port] }],
    });
    proxy.leadTo(kafka.listeners['PROXIED']?.[0]);
    const options = { clientId: 'faults', clock: systemClock };
    log = await openKafkaLog({ ...options, brokers: [proxy.address] });
    witness = await openKafkaLog({ ...options, brokers: kafka.brokers });
  }, START_MS);

  afterEach(() => proxy.heal());

  afterAll(async () => {
    await log.close();
    await witness.close();
    await proxy.close();
    await kafka.stop();
    await rm(root, { recursive: true, force: true });
  });

  it.each<[string, Fate, readonly string[]]>([
    ['before it was done', 'cut before', ['again 0', 'again 1']],
    ['after it was done', 'cut after', ['0', '1', 'again 0', 'again 1']],
  ])(
    'leaves a commit in doubt that is cut %s, and the next producer settles it',
    async (_, fate, expected) => {
      const name = await freshTopic();
      const first = await log.producer(name);
      const transaction = await first.begin();
      await transaction.send([outgoing(name, 0, '0'), outgoing(name, 1, '1')]);
      proxy.fate = nextOf(API.endTxn, fate);
      await expect(transaction.commit()).rejects.toMatchObject({
        ...{ code: 'LOG_OUTCOME_UNKNOWN', retriable: true },
      });
      expect(proxy.hits).toBe(1);
      // It does no more, whatever became of it.
      await expect(first.begin()).rejects.toMatchObject({ code: 'LOG_OUTCOME_UNKNOWN' });
      const second = await log.producer(name);
      const next = await second.begin();
      await next.send([outgoing(name, 0, 'again 0'), outgoing(name, 1, 'again 1')]);
      await next.commit();
      expect([...(await committed(name))].sort()).toEqual([...expected].sort());
    },
    30_000,
  );

  it.each<[string, number, Fate]>([
    ['records whose answer is lost', API.produce, 'cut after'],
    ['records whose answer is cut in two', API.produce, { cutAfterBytes: 6 }],
    ['records that never arrive', API.produce, 'cut before'],
    ['records that another broker leads', API.produce, { errorCode: ERROR.notLeader }],
    ['records of a topic that its leader has yet to hear of', API.produce, HEARD_LATE],
    ['partitions of a topic that is yet to be heard of', API.addPartitionsToTxn, HEARD_LATE],
    ['records of an epoch that is over', API.produce, { errorCode: ERROR.invalidProducerEpoch }],
    ['partitions whose answer is lost', API.addPartitionsToTxn, 'cut after'],
    ['positions whose answer is lost', API.txnOffsetCommit, 'cut after'],
    ['positions whose answer is cut in two', API.txnOffsetCommit, { cutAfterBytes: 6 }],
  ])(
    'costs a transaction by %s, and doubles and loses nothing',
    async (_, apiKey, fate) => {
      const name = await freshTopic();
      const write = async (value: string): Promise<void> => {
        const producer = await log.producer(name);
        const transaction = await producer.begin();
        await transaction.send([outgoing(name, 0, value), outgoing(name, 1, value)]);
        const { end: next } = await witness.offsets(name, 0);
        await transaction.commitOffsets([{ group: name, topic: name, partition: 0, next }]);
        await transaction.commit();
      };
      await write('before');
      proxy.fate = nextOf(apiKey, fate);
      await expect(write('lost')).rejects.toMatchObject({ retriable: true });
      expect(proxy.hits).toBe(1);
      await write('after');
      expect(await committed(name)).toEqual(['before', 'after', 'before', 'after']);
    },
    30_000,
  );

  it.each<[string, number, number]>([
    ['a coordinator that is loading', API.initProducerId, ERROR.coordinatorLoading],
    ['a coordinator that moved', API.initProducerId, ERROR.notCoordinator],
    ['a coordinator that nobody knows', API.findCoordinator, ERROR.coordinatorNotAvailable],
    ['a transaction before that ends', API.initProducerId, ERROR.concurrentTransactions],
    ['markers that are being written', API.addPartitionsToTxn, ERROR.concurrentTransactions],
    ['a coordinator that moved amid a transaction', API.addPartitionsToTxn, ERROR.notCoordinator],
    ['a commit that another broker decides', API.endTxn, ERROR.notCoordinator],
    ['a coordinator that moved before positions', API.addOffsetsToTxn, ERROR.notCoordinator],
    ['a coordinator of groups that is loading', API.addOffsetsToTxn, ERROR.coordinatorLoading],
    ['a leader that moved, for a reader', API.fetch, ERROR.notLeader],
  ])(
    'is waited for, not given up, with %s',
    async (_, apiKey, errorCode) => {
      const name = await freshTopic();
      proxy.fate = nextOf(apiKey, { errorCode }, 3);
      const producer = await log.producer(name);
      const transaction = await producer.begin();
      await transaction.send([outgoing(name, 0, 'a'), outgoing(name, 1, 'b')]);
      const { end: next } = await witness.offsets(name, 0);
      await transaction.commitOffsets([{ group: name, topic: name, partition: 0, next }]);
      await transaction.commit();
      expect(await committed(name)).toEqual(['a', 'b']);
      expect(await valuesOf(log, name, 0)).toEqual(['a']);
      expect(proxy.hits).toBe(3);
    },
    30_000,
  );

  it('may hear late of a topic that others list already', async () => {
    proxy.fate = nextOf(API.listOffsets, { errorCode: ERROR.unknownTopic }, 6);
    const name = 'heard-of-late';
    await log.ensureTopics([{ name, partitions: 2, cleanup: 'keep' }]);
    expect(proxy.hits).toBe(6);
    proxy.fate = nextOf(API.listOffsets, { errorCode: ERROR.unknownTopic }, 6);
    expect(await log.offsets(name, 1)).toEqual({ start: 0, stableEnd: 0, end: 0 });
    expect(proxy.hits).toBe(6);
  });

  it('is seldom asked by readers that have nothing to read, and hears them at once', async () => {
    const name = await freshTopic();
    const readers = await Promise.all(
      [0, 1].map(async (partition) => {
        const { end } = await log.offsets(name, partition);
        return log.reader(name, partition, end);
      }),
    );
    // Past the time in which something may still come.
    const quiet = AbortSignal.timeout(QUIET_AFTER_MS + COUNTED_MS);
    const waiting = readers.map((reader) => reader.more(quiet));
    await wait(QUIET_AFTER_MS);
    let asked = 0;
    proxy.fate = ({ apiKey }) => {
      if (apiKey === API.fetch) asked += 1;
      return undefined;
    };
    await Promise.all(waiting);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(COUNTED_MS / 200);
    proxy.heal();
    const more = readers.map((reader) => reader.more(AbortSignal.timeout(SETTLED_MS)));
    const began = performance.now();
    await appendAll(witness, [outgoing(name, 0, 'a'), outgoing(name, 1, 'b')]);
    await Promise.all(more);
    expect(performance.now() - began).toBeLessThan(SETTLED_MS / 2);
    const polled = await Promise.all(readers.map((reader) => reader.poll(LIMITS)));
    expect(polled.map(({ records }) => records.map(({ value }) => String(value)))).toEqual([
      ['a'],
      ['b'],
    ]);
    for (const reader of readers) reader.close();
  }, 30_000);

  it('may answer a reader when that has gone on already, which takes nothing twice', async () => {
    const name = await freshTopic();
    await appendAll(witness, [outgoing(name, 0, 'a'), outgoing(name, 0, 'b')]);
    const { start } = await log.offsets(name, 0);
    const reader = log.reader(name, 0, start);
    const values: string[] = [];
    const take = async (count: number): Promise<void> => {
      while (values.length < count) {
        const { records } = await reader.poll(LIMITS);
        values.push(...records.map(({ value }) => String(value)));
        await wait(LOOK_MS);
      }
    };
    let answers = 0;
    proxy.latency = () => {
      answers += 1;
      return OVERDUE_MS;
    };
    const answered = reader.more(AbortSignal.timeout(2 * OVERDUE_MS));
    while (answers === 0) await wait(LOOK_MS);
    proxy.heal();
    await take(2);
    await appendAll(witness, [outgoing(name, 0, 'c')]);
    await answered;
    await take(3);
    expect(values).toEqual(['a', 'b', 'c']);
    reader.close();
  }, 30_000);

  it('far away is slow, and nothing else', async () => {
    const name = await freshTopic();
    const producer = await log.producer(name);
    proxy.latency = () => 200;
    for (const value of ['a', 'b', 'c']) {
      const transaction = await producer.begin();
      await transaction.send([outgoing(name, 0, value), outgoing(name, 1, value)]);
      await transaction.commit();
    }
    expect(await committed(name)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(await valuesOf(log, name, 0)).toEqual(['a', 'b', 'c']);
  }, 60_000);
});
