import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { ATTRIBUTE, BATCH, LENGTH_ENDS_AT } from '../../src/log/kafka/record-batch.ts';
import type { Log } from '../../src/log/log.ts';
import { kafkaTool } from '../support/kafka-tools.ts';
import { fetchLibrdkafka, librdkafka, librdkafkaProblem } from '../support/librdkafka.ts';
import { tidecast } from '../support/tidecast-process.ts';
import { everyRecordOf } from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const START_MS = 360_000;
const librdkafkaMissing = [(await librdkafkaProblem()) ?? []].flat();
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const CLIENTS = ['java', 'librdkafka'] as const;

/** Records that compress, and one that nearly fills a request. */
const VALUES = [
  ...Array.from({ length: 2_000 }, (_, at) => `{"reading":${at % 100},"of":"station ${at % 7}"}`),
  Array.from({ length: 60_000 }, (_, at) => `${(at * 7_919) % 10_007} of 60,000`).join(','),
];

const HOURS = 48;
const SERIES = ['a', 'b', 'c'];
const READING = JSON.stringify({
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'station', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'degrees', type: ['null', 'double'] },
  ],
});

/** Of each batch of a segment; a batch that would not shrink is left as it is. */
const codecsIn = (segment: Buffer): readonly number[] => {
  const codecs: number[] = [];
  for (let at = 0; at < segment.length;) {
    codecs.push(segment.readInt16BE(at + BATCH.attributes) & ATTRIBUTE.compression);
    at += LENGTH_ENDS_AT + segment.readInt32BE(at + BATCH.length);
  }
  return codecs;
};

interface Seen {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

const byPlace = (one: Seen, other: Seen): number =>
  one.partition - other.partition || one.offset - other.offset;

describeOnKafka(
  'other clients',
  () => {
    let root = '';
    let kafka: RunningKafka;
    let log: Log;

    const create = (name: string, partitions = 1): Promise<void> =>
      log.ensureTopics([{ name, partitions, cleanup: 'keep' }]);

    const seenByUs = async (name: string, partitions: number): Promise<Seen[]> => {
      const seen: Seen[] = [];
      const definition = { name, partitions, cleanup: 'keep' } as const;
      for await (const { partition, offset, value } of everyRecordOf(log, definition)) {
        seen.push({ partition, offset, value: String(value) });
      }
      return seen;
    };

    const seenByJava = async (name: string): Promise<Seen[]> => {
      const out = await kafkaTool(kafka.jars, [
        'consumer.ConsoleConsumer',
        ...['--bootstrap-server', kafka.brokers.join(','), '--topic', name, '--from-beginning'],
        ...['--isolation-level', 'read_committed', '--timeout-ms', '4000'],
        ...['--formatter-property', 'print.partition=true'],
        ...['--formatter-property', 'print.offset=true'],
      ]);
      // Among what it says of itself.
      return [...out.matchAll(/^Partition:(\d+)\tOffset:(\d+)\t(.*)$/gm)]
        .map(([, partition, offset, value = '']) => ({
          partition: Number(partition),
          offset: Number(offset),
          value,
        }))
        .sort(byPlace);
    };

    const seenByLibrdkafka = async (name: string, partitions: number): Promise<Seen[]> => {
      const out = await librdkafka(['consume', kafka.brokers.join(','), name, String(partitions)]);
      return (
        out
          .trimEnd()
          .split('\n')
          // As librdkafka.py prints it.
          .map((line) => JSON.parse(line) as Seen)
          .sort(byPlace)
      );
    };

    /** Transactions of two producers of ours, one within the other, and of one of librdkafka. */
    const writeMixed = async (): Promise<readonly string[]> => {
      await create('mixed', 2);
      const committed: string[] = [];
      const [one, other] = await Promise.all([log.producer('one'), log.producer('other')]);
      for (let round = 0; round < 12; round += 1) {
        const outer = await one.begin();
        const inner = await other.begin();
        const write = async (transaction: typeof outer, who: string): Promise<string[]> => {
          const values = [0, 1, 2].map((at) => `${who} ${round} ${at}`);
          await transaction.send(
            values.map((value, at) => ({
              ...{ topic: 'mixed', partition: (round + at) % 2, key: null },
              value: Buffer.from(value),
            })),
          );
          return values;
        };
        const first = await write(outer, 'one');
        const within = await write(inner, 'other');
        first.push(...(await write(outer, 'one again')));
        if (round % 3 === 0) await inner.abort();
        else committed.push(...within);
        if (round % 3 !== 0) await inner.commit();
        if (round % 2 === 0) await outer.abort();
        else committed.push(...first);
        if (round % 2 !== 0) await outer.commit();
      }
      await Promise.all([one.close(), other.close()]);
      const theirs = Array.from({ length: 8 }, (_, at) => ({
        partition: at % 2,
        values: [`theirs ${at}`, `theirs again ${at}`],
        commit: at % 3 !== 1,
      }));
      await librdkafka(['transactions', kafka.brokers.join(','), 'mixed', 'theirs'], theirs);
      return [...committed, ...theirs.flatMap(({ values, commit }) => (commit ? values : []))];
    };

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'tidecast-'));
      [kafka] = await Promise.all([
        startKafka({ brokers: 1, folder: join(root, 'kafka') }),
        fetchLibrdkafka(),
      ]);
      log = await openKafkaLog({ brokers: kafka.brokers, clientId: 'other', clock: systemClock });
    }, START_MS);

    afterAll(async () => {
      await log.close();
      await kafka.stop();
      await rm(root, { recursive: true, force: true });
    });

    it.each(CLIENTS)(
      'may compress as they like: %s',
      async (client) => {
        for (const codec of CODECS) await create(`${client}-${codec}`);
        const brokers = kafka.brokers.join(',');
        const write = (codec: string): Promise<string> =>
          client === 'java'
            ? kafkaTool(
                kafka.jars,
                [
                  ...(['ConsoleProducer', '--bootstrap-server', brokers] as const),
                  ...['--topic', `${client}-${codec}`, '--compression-codec', codec],
                  ...['--command-property', 'linger.ms=50'],
                ],
                VALUES.map((value) => `${value}\n`).join(''),
              )
            : librdkafka(
                ['produce', brokers, `${client}-${codec}`, codec],
                VALUES.map((value) => ({ value })),
              );
        await Promise.all(CODECS.map(write));
        for (const [at, codec] of CODECS.entries()) {
          const segment = join(
            root,
            `kafka/node-1/logs/${client}-${codec}-0`,
            `${'0'.repeat(20)}.log`,
          );
          expect(codecsIn(await readFile(segment)), codec).toContain(at + 1);
          const seen = await seenByUs(`${client}-${codec}`, 1);
          expect(seen.map(({ value }) => value)).toEqual(VALUES);
        }
      },
      60_000,
    );

    it('see what we see of transactions, whoever writes them', async () => {
      const committed = await writeMixed();
      const ours = await seenByUs('mixed', 2);
      const [java, theirs] = await Promise.all([seenByJava('mixed'), seenByLibrdkafka('mixed', 2)]);
      expect(java).toEqual(ours);
      expect(theirs).toEqual(ours);
      expect(ours.map(({ value }) => value).sort()).toEqual([...committed].sort());
      expect(committed.length).toBeGreaterThan(60);
    }, 60_000);

    it('feed a run by the Avro serializer of the registry', async () => {
      await create('readings', 2);
      const rows = Array.from({ length: HOURS * SERIES.length }, (_, at) => {
        const station = SERIES[at % SERIES.length] ?? '';
        const hour = Math.floor(at / SERIES.length);
        const value = { station, at: Date.UTC(2024, 0, 1, hour), degrees: hour % 24 };
        return { key: station, value };
      });
      await librdkafka(
        ['avro', kafka.brokers.join(','), 'readings', kafka.registry, READING],
        rows,
      );
      const config = [
        'log: kafka',
        `kafka: { brokers: ["${kafka.brokers.join(',')}"], registry: "${kafka.registry}" }`,
        'data: ./data',
        'clock: { start: 2024-03-01T00:00:00Z }',
        'http: { port: 0 }',
        'streams:',
        '  weather:',
        '    source: { topic: readings, format: avro, series: station, time: at, value: degrees }',
        '    frequency: 1h',
        '    aggregate: mean',
      ];
      await writeFile(join(root, 'tidecast.yaml'), `${config.join('\n')}\n`);
      await tidecast(root, 'run', '--register-schemas', '--until-idle');
      const observations = await seenByUs('weather.observations', 4);
      // Watermarks have no value.
      expect(observations.filter(({ value }) => value !== 'null')).toHaveLength(rows.length);
      const forecasts = await seenByUs('weather.forecasts', 4);
      // The last hour is open, and the grace of the one before is not over.
      const closed = (HOURS - 2) * SERIES.length;
      expect(forecasts.filter(({ value }) => value !== 'null')).toHaveLength(closed);
    }, 60_000);
  },
  librdkafkaMissing,
);
