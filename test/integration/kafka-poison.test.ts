import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import type { Log } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import type { Observation } from '../../src/schemas/observation.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import { plainValues } from '../../src/schemas/plain-value.ts';
import { confluentRegistry } from '../../src/schemas/registry/confluent-registry.ts';
import { observationType } from '../../src/schemas/value-types.ts';
import { kafkaTool } from '../support/kafka-tools.ts';
import { tidecast, TidecastProcess } from '../support/tidecast-process.ts';
import { everyRecordOf } from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const START_MS = 360_000;
const ROLES = ['--roles', 'ingest,forecasting'] as const;
const RUN = ['run', '--register-schemas', '--until-idle', ...ROLES] as const;
const HOURS = 30;
const AT = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NO_TEXT = Buffer.from([0xc3, 0x28, 0xff]);

interface Sent {
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
}

const event = (hour: number, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ store: 'a', at: AT + hour * HOUR_MS, amount: hour, ...more }));

/** Events in JSON: those that count, and those that are put aside. */
const EVENTS: readonly Sent[] = [
  ...Array.from({ length: HOURS }, (_, hour) => ({ value: event(hour) })),
  { key: NO_TEXT, value: event(HOURS) },
  { value: event(HOURS, { note: 'n'.repeat(900_000) }) },
  // Its hour was over long before.
  { value: event(1) },
];
const BAD_EVENTS: readonly (readonly [reason: string, sent: Sent])[] = [
  ['VALUE_EMPTY', { key: Buffer.from('a'), value: null }],
  ['VALUE_NOT_JSON', { value: Buffer.from([0xff, 0x00]) }],
  ['VALUE_NOT_JSON', { key: NO_TEXT, value: Buffer.from('{"store":') }],
];
/** Those that a Java client compresses. */
const COMPRESSED = ['snappy', 'lz4', 'zstd'] as const;
const COMPRESSED_EACH = 20;

describeOnKafka('poison on Kafka', () => {
  let root = '';
  let kafka: RunningKafka;
  let log: Log;
  let plain: ReturnType<typeof plainValues>;

  const send = async (topic: string, all: readonly Sent[]): Promise<void> => {
    const producer = await log.producer(`poison-${topic}`);
    const transaction = await producer.begin();
    await transaction.send(
      all.map(({ key = null, value }) => ({ topic, partition: 0, key, value })),
    );
    await transaction.commit();
    await producer.close();
  };

  const read = async <T>(name: string): Promise<readonly T[]> => {
    const values: T[] = [];
    for await (const { value } of everyRecordOf(log, { name, partitions: 1, cleanup: 'keep' })) {
      // Each topic has values of one type, beside watermarks that have none.
      if (value !== null) values.push((await plain(value)).value as T);
    }
    return values;
  };

  const reasonsOf = async (topic: string): Promise<readonly string[]> =>
    (await read<{ readonly reason: string }>(`${topic}.dead-letters`))
      .map(({ reason }) => reason)
      .sort();

  const observation = (hour: number): Observation => ({
    ...{ seriesId: 'a', eventTime: AT + hour * HOUR_MS },
    ...{ value: hour, attributes: {} },
  });

  /** Good and bad values of Avro, in the wire format of the registry. */
  const avroValues = async (topic: string) => {
    const registry = confluentRegistry({ address: kafka.registry });
    const serde = await openSerde(registry, topic, observationType);
    const good = Array.from({ length: HOURS }, (_, hour) => serde.encode(observation(hour)));
    const one = Buffer.from(serde.encode(observation(HOURS)));
    const unknown = Buffer.from(one);
    unknown.writeInt32BE(987_654, 1);
    const bad: readonly (readonly [string, Sent])[] = [
      ['SCHEMA_UNKNOWN', { value: unknown }],
      ['VALUE_UNREADABLE', { value: one.subarray(0, one.length - 3) }],
      ['NOT_AVRO_WIRE_FORMAT', { value: Buffer.concat([Buffer.from([7]), one.subarray(1)]) }],
      ['VALUE_EMPTY', { key: Buffer.from('a'), value: null }],
    ];
    return { good: good.map((value) => ({ key: Buffer.from('a'), value })), bad, one };
  };

  const produceCompressed = (codec: string, at: number): Promise<string> =>
    kafkaTool(
      kafka.jars,
      [
        ...(['ConsoleProducer', '--bootstrap-server', kafka.brokers.join(',')] as const),
        ...['--topic', 'events', '--compression-codec', codec],
      ],
      Array.from({ length: COMPRESSED_EACH }, (_, index) =>
        event(HOURS + 1 + at, { amount: index }).toString(),
      ).join('\n'),
    );

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await startKafka({ brokers: 1, folder: join(root, 'kafka') });
    log = await openKafkaLog({ brokers: kafka.brokers, clientId: 'poison', clock: systemClock });
    plain = plainValues(confluentRegistry({ address: kafka.registry }));
    const config = [
      'log: kafka',
      'kafka:',
      `  brokers: ["${kafka.brokers.join(',')}"]`,
      `  registry: "${kafka.registry}"`,
      '  partitions: 1',
      'clock: { start: 2024-03-01T00:00:00Z }',
      'http: { port: 0 }',
      'streams:',
      '  sales:',
      '    default: true',
      '    source: { topic: events, series: store, time: at, value: amount }',
      '    frequency: 1h',
      '    aggregate: sum',
      '  typed:',
      '    source: { topic: typed, format: avro, series: seriesId, time: eventTime, value: value }',
      '    frequency: 1h',
      '    aggregate: sum',
      '  kept:',
      '    source: { topic: kept, keyed: true, series: seriesId, time: eventTime, value: value }',
      '    frequency: 1h',
      '    aggregate: none',
    ];
    await writeFile(join(root, 'tidecast.yaml'), `${config.join('\n')}\n`);
    const topics = ['events', 'typed', 'kept'];
    await log.ensureTopics(
      topics.map((name) => ({ name, partitions: 1, cleanup: 'delete', retentionMs: 500 * DAY_MS })),
    );
  }, START_MS);

  afterAll(async () => {
    await log.close();
    await kafka.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('costs itself alone: every input is an observation, late, or a dead letter', async () => {
    await send('events', [...EVENTS, ...BAD_EVENTS.map(([, sent]) => sent)]);
    // One after the other: their events follow each other in time.
    for (const [at, codec] of COMPRESSED.entries()) await produceCompressed(codec, at);
    const typed = await avroValues('typed');
    await send('typed', [...typed.good, ...typed.bad.map(([, sent]) => sent)]);
    const kept = await avroValues('kept');
    const noText: readonly [string, Sent] = ['KEY_NOT_UTF8', { key: NO_TEXT, value: kept.one }];
    const badKept = [...kept.bad, noText];
    await send('kept', [...kept.good, ...badKept.map(([, sent]) => sent)]);
    await tidecast(root, ...RUN);

    const compressed = COMPRESSED.length * COMPRESSED_EACH;
    const late = await read('sales.late');
    const observations = await read<{ readonly value: number }>('sales.observations');
    expect(late).toHaveLength(1);
    // What is late went through observations.
    expect(observations).toHaveLength(EVENTS.length + compressed);
    expect(await reasonsOf('events')).toEqual(BAD_EVENTS.map(([reason]) => reason).sort());
    expect(await read('typed.observations')).toHaveLength(HOURS);
    expect(await reasonsOf('typed')).toEqual(typed.bad.map(([reason]) => reason).sort());
    expect(await reasonsOf('kept')).toEqual(badKept.map(([reason]) => reason).sort());
    const origins = await read<{ readonly origin: number }>('kept.forecasts');
    expect(origins).toHaveLength(HOURS);
  }, 90_000);

  it('of retention that overtook a task stops it, with both numbers', async () => {
    const { stableEnd: position } = await log.offsets('events', 0);
    await send('events', [{ value: event(60) }, { value: event(61) }, { value: event(62) }]);
    // The stable end may lie before them, as long as the mark of their commit is on its way.
    const { end: gone } = await log.offsets('events', 0);
    await send('events', [{ value: event(63) }]);
    const file = join(root, 'deleted.json');
    const partitions = [{ topic: 'events', partition: 0, offset: gone }];
    await writeFile(file, JSON.stringify({ partitions, version: 1 }));
    await kafkaTool(kafka.jars, [
      'DeleteRecordsCommand',
      ...['--bootstrap-server', kafka.brokers.join(','), '--offset-json-file', file],
    ]);
    const before = await log.offsets('sales.observations', 0);
    const { code, err } = await new TidecastProcess(RUN, root).ended;
    expect(code, err).toBe(1);
    expect(err).toContain('TASK_SOURCE_EXPIRED');
    expect(err).toContain(
      `would resume events/0 at ${position}, but retention left nothing before ${gone}: ` +
        `${gone - position} records are gone`,
    );
    expect(await read('sales.observations')).toHaveLength(
      EVENTS.length + COMPRESSED.length * COMPRESSED_EACH,
    );
    expect((await log.offsets('sales.observations', 0)).end).toBe(before.end);
    const reader = log.reader('events', 0, offset(position));
    await expect(reader.poll({ maxRecords: 10, maxBytes: 1_000 })).rejects.toMatchObject({
      code: 'LOG_OFFSET_OUT_OF_RANGE',
      message: expect.stringMatching(
        new RegExp(`events/0 has offsets ${gone} to \\d+, not ${position}`),
      ) as string,
    });
  }, 60_000);
});
