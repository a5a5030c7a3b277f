import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { missingTools } from '../../scripts/kafka/tools.ts';
import { openLog } from '../../src/cli/open-log.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { loadConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { runOnLog } from '../support/run-on-log.ts';
import {
  contentsOfLog,
  countIn,
  differenceOf,
  withoutWatermarks,
  type Contents,
} from '../support/topic-contents.ts';

const AIRPORTS = new Set(['BNA', 'SMF', 'HNL', 'ANC', 'BOI', 'TYS', 'JFK', 'GEG', 'ELP', 'OMA']);
const ROLES = ['ingest', 'forecasting', 'monitoring', 'summary'] as const;
const PARTITIONS = 4;
/** Those whose records name no offset of the source: markers shift them. */
const TOPICS = [
  ...['observations', 'features', 'forecasts', 'scores', 'partials', 'accuracy', 'drift'],
].map((name) => `departures.${name}`);
const START_MS = 360_000;

const missing = await missingTools();
const isRequired = process.env['TEST_REQUIRE_REAL'] === '1';

if (missing.length > 0 && !isRequired) {
  process.stderr.write(`SKIPPED: a run on Kafka, for want of ${missing.join(' and ')}\n`);
}

describe.runIf(missing.length === 0 || isRequired)('the same events on Kafka', () => {
  let root = '';
  let kafka: RunningKafka;
  let partitions: readonly (readonly string[])[] = [];

  const folderOf = async (name: string): Promise<string> => {
    const folder = join(root, name);
    await mkdir(folder);
    const data = join(folder, 'data');
    const config = departuresConfig({ from: '2001-01-08', data, hasIds: true });
    await writeFile(join(folder, 'tidecast.yaml'), config);
    return folder;
  };

  const runOn = async (folder: string, opened: OpenedLog): Promise<Contents> => {
    try {
      await runOnLog({ folder, opened, roles: ROLES, topic: 'flights', partitions });
      return withoutWatermarks(await contentsOfLog(opened, TOPICS));
    } finally {
      await opened.close();
    }
  };

  const onKafka = async (): Promise<OpenedLog> => {
    const log = await openKafkaLog({
      brokers: kafka.brokers,
      clientId: 'tidecast',
      clock: systemClock,
    });
    return {
      log,
      registry: new MemorySchemaRegistry(),
      isRemote: false,
      ownerPid: process.pid,
      share: () => Promise.resolve(),
      close: () => log.close(),
    };
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const file = join(root, 'flights.jsonl');
    await writeFlights(file, AIRPORTS, { toMs: Date.UTC(2001, 0, 20), repeatsOneOf: 9 });
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    partitions = Array.from({ length: PARTITIONS }, (_, partition) =>
      lines.filter((_line, index) => (index >> 3) % PARTITIONS === partition),
    );
    kafka = await startKafka({ brokers: 1, registry: false, folder: join(root, 'kafka') });
  }, START_MS);

  afterAll(async () => {
    await kafka.stop();
    await rm(root, { recursive: true, force: true });
  });

  it(
    'give what they give on the embedded log, record for record',
    async () => {
      const embedded = await folderOf('embedded');
      const config = loadConfig({ file: join(embedded, 'tidecast.yaml'), env: {} });
      const expected = await runOn(embedded, await openLog(config));
      const found = await runOn(await folderOf('kafka-run'), await onKafka());
      expect(differenceOf(expected, found)).toBeUndefined();
      expect(countIn(expected)).toBeGreaterThan(10_000);
    },
    START_MS,
  );
});
