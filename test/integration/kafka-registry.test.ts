import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import type { Log } from '../../src/log/log.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import { confluentRegistry } from '../../src/schemas/registry/confluent-registry.ts';
import { observationType } from '../../src/schemas/value-types.ts';
import { tidecast, TidecastProcess } from '../support/tidecast-process.ts';
import { everyRecordOf } from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const START_MS = 360_000;
const HOUR_MS = 3_600_000;
const AT = Date.UTC(2024, 0, 1);
/** Long enough for several tries of a task that waits. */
const DOWN_MS = Number(process.env['TEST_REGISTRY_DOWN_MS'] ?? 5_000);
const WITHIN_MS = 60_000;
const LOOK_MS = 200;
const RUN = ['run', '--roles', 'ingest'] as const;

describeOnKafka('a run whose registry goes away', () => {
  let root = '';
  let kafka: RunningKafka;
  let log: Log;

  const send = async (partition: number, values: readonly Buffer[]): Promise<void> => {
    const producer = await log.producer(`events-${partition}`);
    const transaction = await producer.begin();
    await transaction.send(
      values.map((value) => ({ topic: 'typed', partition, key: null, value })),
    );
    await transaction.commit();
    await producer.close();
  };

  /** Where the observations of a raw partition came from, in order. */
  const sources = async (partition: number): Promise<readonly string[]> => {
    const found: string[] = [];
    const topic = { name: 'sales.observations', partitions: 1, cleanup: 'keep' } as const;
    for await (const { value, headers } of everyRecordOf(log, topic)) {
      const { source = '' } = headers;
      if (value !== null && source.startsWith(`typed:${partition}:`)) found.push(source);
    }
    return found;
  };

  const until = async (partition: number, count: number): Promise<void> => {
    const since = performance.now();
    while ((await sources(partition)).length < count) {
      if (performance.now() - since > WITHIN_MS) throw new Error(`no ${count} of ${partition}`);
      await wait(LOOK_MS);
    }
  };

  const refusedCount = async (): Promise<number> => {
    let count = 0;
    const topic = { name: 'typed.dead-letters', partitions: 2, cleanup: 'delete' } as const;
    for await (const { value } of everyRecordOf(log, topic)) if (value !== null) count += 1;
    return count;
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await startKafka({ brokers: 1, folder: join(root, 'kafka') });
    log = await openKafkaLog({ brokers: kafka.brokers, clientId: 'events', clock: systemClock });
    await log.ensureTopics([{ name: 'typed', partitions: 2, cleanup: 'delete' }]);
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
      '    source: { topic: typed, format: avro, series: seriesId, time: eventTime, value: value }',
      '    frequency: 1h',
      '    aggregate: sum',
    ];
    await writeFile(join(root, 'tidecast.yaml'), `${config.join('\n')}\n`);
  }, START_MS);

  afterAll(async () => {
    await log.close();
    await kafka.stop();
    await rm(root, { recursive: true, force: true });
  });

  /** Events of some hours, by a writer with a schema of its own. */
  const writer = async (name: string) => {
    const registry = confluentRegistry({ address: kafka.registry });
    // The same fields under another name are another schema, with an id of its own.
    const type = {
      ...observationType,
      schema: observationType.schema.replace('"Observation"', `"${name}"`),
    };
    const serde = await openSerde(registry, `${name}s`, type);
    return (from: number, count: number): readonly Buffer[] =>
      Array.from({ length: count }, (_, index) => {
        const eventTime = AT + (from + index) * HOUR_MS;
        return Buffer.from(serde.encode({ seriesId: 'a', eventTime, value: 1, attributes: {} }));
      });
  };

  it(
    'goes on with schemas that it knows, and waits with others, in order',
    async () => {
      const [early, late] = [await writer('Early'), await writer('Late')];
      // Without the flag it would add nothing, and therefore not begin.
      const refused = await new TidecastProcess(RUN, root).ended;
      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(/sales\.observations-value.*tidecast schemas register.*_MISSING/);
      await tidecast(root, 'schemas', 'register');
      await tidecast(root, 'schemas', 'check');
      await tidecast(root, 'topics', 'create');
      // Knows them from now on.
      await log.topics();

      const running = new TidecastProcess(RUN, root);
      try {
        await send(0, early(0, 3));
        await send(1, early(0, 3));
        await Promise.all([until(0, 3), until(1, 3)]);

        await kafka.kill('registry', 'SIGKILL');
        await send(0, late(3, 2));
        await send(0, early(5, 2));
        await send(1, early(3, 4));
        await until(1, 7);
        await running.says(/SCHEMA_REGISTRY_UNREACHABLE/);
        await wait(DOWN_MS);
        // Neither skipped nor refused, and nothing behind it has gone ahead.
        expect(await sources(0)).toHaveLength(3);
        expect(await refusedCount()).toBe(0);
        const began = await new TidecastProcess(['schemas', 'check'], root).ended;
        expect(began.code).toBe(1);
        expect(began.err).toContain('(SCHEMA_REGISTRY_UNREACHABLE)');

        await kafka.restart('registry');
        await until(0, 7);
        const offsets = (await sources(0)).map((source) => Number(source.split(':')[2]));
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
        expect(new Set(offsets).size).toBe(7);
        expect(await refusedCount()).toBe(0);
        await running.stop();
      } finally {
        running.kill('SIGKILL');
      }
    },
    START_MS,
  );
});
