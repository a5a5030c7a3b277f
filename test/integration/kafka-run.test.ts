import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { openLog } from '../../src/cli/open-log.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { loadConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { KafkaProxy, type Decide } from '../support/kafka-proxy.ts';
import { API } from '../support/kafka-refusals.ts';
import { prefixedLog } from '../support/prefixed-log.ts';
import { runOnLog } from '../support/run-on-log.ts';
import {
  contentsOfLog,
  countIn,
  differenceOf,
  withoutWatermarks,
  type Contents,
} from '../support/topic-contents.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const AIRPORTS = new Set(['BNA', 'SMF', 'HNL', 'ANC', 'BOI', 'TYS', 'JFK', 'GEG', 'ELP', 'OMA']);
const ROLES = ['ingest', 'forecasting', 'monitoring', 'summary'] as const;
const PARTITIONS = 4;
/** Those whose records name no offset of the source: markers shift them. */
const TOPICS = [
  ...['observations', 'features', 'forecasts', 'scores', 'partials', 'accuracy', 'drift'],
].map((name) => `departures.${name}`);
const START_MS = 360_000;
/** One in so many requests is cut off, before or after it was done, and so many in all. */
const CUT_ONE_OF = 80;
/** More often those of whose outcome nobody knows then. */
const CUT_ONE_END_OF = 6;
const CUTS = 6;
/** Of all tasks: earlier it would cut their claims, after which they have nothing to lose yet. */
const COMMITS_BEFORE = 20;
/** How much longer each answer takes. */
const LATE_MS_MIN = 30;
const LATE_MS_SPAN = 71;

/** Once tasks are at work. Puts the kind of each request that was cut into `cut`. */
const randomCuts = (proxy: KafkaProxy, cut: number[]): Decide => {
  const random = seededRandom('cuts');
  return ({ apiKey }) => {
    const isRunning = (proxy.counts.get(API.txnOffsetCommit) ?? 0) > COMMITS_BEFORE;
    const oneOf = apiKey === API.endTxn ? CUT_ONE_END_OF : CUT_ONE_OF;
    const isAny = apiKey !== API.fetch && random.next() * oneOf < 1;
    if (!isRunning || !isAny || proxy.hits === CUTS) return undefined;
    const isOdd = cut.filter((one) => one === apiKey).length % 2 === 1;
    cut.push(apiKey);
    return isOdd ? 'cut before' : 'cut after';
  };
};

describeOnKafka('the same events on Kafka', () => {
  let root = '';
  let kafka: RunningKafka;
  let proxy: KafkaProxy;
  let partitions: readonly (readonly string[])[] = [];
  let expected: Contents;

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
      proxy.heal();
      return withoutWatermarks(await contentsOfLog(opened, TOPICS));
    } finally {
      await opened.close();
    }
  };

  /** Through the proxy; topics of one broker outlive a run. */
  const onKafka = async (prefix: string): Promise<OpenedLog> => {
    const options = { clientId: 'tidecast', clock: systemClock };
    const own = await openKafkaLog({ ...options, brokers: [proxy.address] });
    const log = prefixedLog(own, `${prefix}.`);
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
    proxy = await KafkaProxy.open();
    kafka = await startKafka({
      ...{ brokers: 1, registry: false, folder: join(root, 'kafka') },
      listeners: [{ name: 'PROXIED', protocol: 'PLAINTEXT', advertisedPorts: [proxy.port] }],
    });
    proxy.leadTo(kafka.listeners['PROXIED']?.[0]);
    const embedded = await folderOf('embedded');
    const config = loadConfig({ file: join(embedded, 'tidecast.yaml'), env: {} });
    expected = await runOn(embedded, await openLog(config));
  }, START_MS);

  afterAll(async () => {
    await proxy.close();
    await kafka.stop();
    await rm(root, { recursive: true, force: true });
  });

  it(
    'give what they give on the embedded log, record for record',
    async () => {
      const found = await runOn(await folderOf('calm'), await onKafka('calm'));
      expect(differenceOf(expected, found)).toBeUndefined();
      expect(countIn(expected)).toBeGreaterThan(10_000);
    },
    START_MS,
  );

  it(
    'give the same when every answer is late and connections are cut at random',
    async () => {
      const opened = await onKafka('cut');
      const [random, cut] = [seededRandom('late'), [] as number[]];
      const warnings: string[] = [];
      const noted = ({ message }: Error): void => void warnings.push(message);
      process.on('warning', noted);
      onTestFinished(() => void process.off('warning', noted));
      let late = 0;
      proxy.counts.clear();
      proxy.fate = randomCuts(proxy, cut);
      proxy.latency = () => {
        late += 1;
        return LATE_MS_MIN + random.int(LATE_MS_SPAN);
      };
      const found = await runOn(await folderOf('cut'), opened);
      expect(differenceOf(expected, found)).toBeUndefined();
      expect(late).toBeGreaterThan(1_000);
      expect(cut).toHaveLength(CUTS);
      expect(cut).toContain(API.endTxn);
      // Connections that failed many requests at once leave nothing behind.
      expect(warnings).toEqual([]);
    },
    START_MS,
  );
});
