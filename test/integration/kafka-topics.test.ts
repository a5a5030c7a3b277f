import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { processClock } from '../../src/cli/process-clock.ts';
import { startApplication } from '../../src/cli/run/application.ts';
import { onKafka, type OnKafka, type OnKafkaOptions } from '../support/kafka-cli.ts';
import { appendAll } from '../contracts/log-harness.ts';
import { notedLogger } from '../support/noted-logger.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const START_MS = 360_000;
const TOPIC = ConfigResourceTypes.TOPIC;
const WEEK_MS = 7 * 86_400_000;

describeOnKafka('topics on Kafka', () => {
  let folder = '';
  let kafka: RunningKafka;
  let admin: Admin;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await startKafka({ brokers: 1, registry: false, folder });
    const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
    admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'flights', numPartitions: 3 }] });
  }, START_MS);

  afterAll(async () => {
    await admin.disconnect();
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const named = (name: string, more: Partial<OnKafkaOptions> = {}): Promise<OnKafka> =>
    onKafka({ brokers: kafka.brokers, name, ...more });

  /** Settings of a topic as another client is told them. */
  const settingsOf = async (name: string): Promise<Readonly<Record<string, string>>> => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: TOPIC, name }],
    });
    return Object.fromEntries(
      (resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [
        configName,
        configValue,
      ]),
    );
  };

  const set = async (name: string, values: Readonly<Record<string, string>>): Promise<void> => {
    const configEntries = Object.entries({ ...(await settable(name)), ...values });
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: TOPIC,
          name,
          configEntries: configEntries.map(([n, value]) => ({ name: n, value })),
        },
      ],
    });
  };

  /** The library's client replaces all settings: those that are tidecast's are said again. */
  const settable = async (name: string): Promise<Readonly<Record<string, string>>> => {
    const all = await settingsOf(name);
    const own = ['cleanup.policy', 'retention.ms', 'delete.retention.ms', 'max.message.bytes'];
    return Object.fromEntries(
      [...own, 'message.timestamp.type'].map((key) => [key, all[key] ?? '']),
    );
  };

  const partitionsOf = async (topic: string): Promise<number> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  };

  const names = async (prefix: string): Promise<readonly string[]> =>
    (await admin.listTopics()).filter((name) => name.startsWith(prefix)).sort();

  const startOf = async (on: OnKafka, adopt = false): Promise<void> => {
    const opened = await on.open();
    const clock = processClock(on.config);
    try {
      const application = await startApplication({
        ...{ config: on.config, opened, clock, adopt, logger: notedLogger() },
        roles: ['ingest', 'forecasting'],
        isEnding: () => false,
      });
      await application.stop();
    } finally {
      await opened.close();
    }
  };

  it('are created with all that they need, changelogs and dead letters too', async () => {
    const on = await named('made');
    const { code, out } = await on.call('topics', 'create');
    expect(code).toBe(0);
    expect(out).toContain('created   made.made.departures.forecasting.changelog  4 partitions');
    // As many as the source has.
    expect(await partitionsOf('made.made.departures.ingest.changelog')).toBe(3);
    expect(await partitionsOf('flights.dead-letters')).toBe(3);
    expect(await partitionsOf('made.models')).toBe(1);
    expect(await settingsOf('made.made.departures.forecasting.changelog')).toMatchObject({
      'cleanup.policy': 'compact',
      'delete.retention.ms': String(WEEK_MS),
      'message.timestamp.type': 'LogAppendTime',
      'min.insync.replicas': '1',
    });
    const observations = await settingsOf('made.departures.observations');
    expect(Number(observations['retention.ms'])).toBeGreaterThan(100 * 86_400_000);
    expect(await settingsOf('made.departures.decisions')).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
    });
    expect((await on.call('topics', 'create')).out).toBe('every topic is there already\n');
    const checked = await on.call('topics', 'check', '--json');
    expect(checked.code).toBe(0);
    const lines = checked.out.trim().split('\n');
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.every((line) => line.includes('"verdict":"ok"'))).toBe(true);
  });

  it('of others are not, unless it is asked for', async () => {
    const on = await named('sourceless');
    const set = ['--set', 'streams.departures.source.topic=trains'];
    const refused = await on.call('topics', 'create', ...set);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('there is no topic trains, the source of departures');
    const run = await on.call('run', '--register-schemas', '--until-idle', ...set);
    expect(run.err).toContain('trains (source) is not there: `tidecast topics create --sources`');
    expect(run.code).toBe(2);
    expect(await names('sourceless.')).toEqual([]);
    expect((await on.call('topics', 'create', '--sources', ...set)).code).toBe(0);
    expect(await partitionsOf('trains')).toBe(4);
  });

  it('are refused by a run with both values, and repaired by one command', async () => {
    const on = await named('bent');
    await on.call('topics', 'create');
    const changelog = 'bent.bent.departures.ingest.changelog';
    await set(changelog, { 'cleanup.policy': 'delete', 'delete.retention.ms': '1000' });
    await set('bent.departures.observations', {
      'retention.ms': '60000',
      'message.timestamp.type': 'CreateTime',
    });
    // Shorter than ours, and the operator's to decide; and a setting that is none of ours.
    await set('bent.departures.forecasts', { 'retention.ms': '60000', 'segment.bytes': '1048576' });
    const { code, out } = await on.call('topics', 'check');
    expect(code).toBe(1);
    for (const sentence of [
      `refused: ${changelog} (changelog) has cleanup.policy delete, but compact is needed: ` +
        '`tidecast topics create --repair` sets it',
      'bent.departures.observations (history) has message.timestamp.type CreateTime',
      'unwise: bent.departures.forecasts (output) has retention.ms 60000, but at least 604800000',
    ]) {
      expect(out).toContain(sentence);
    }
    await expect(startOf(on)).rejects.toMatchObject({
      code: 'LOG_TOPIC_MISMATCH',
      message: expect.stringMatching(
        /observations \(history\) has retention\.ms 60000, but at least \d{11} is needed/,
      ) as unknown,
    });
    const repaired = await on.call('topics', 'create', '--repair');
    expect(repaired.code).toBe(0);
    expect(repaired.out).toContain(`repaired  ${changelog}  cleanup.policy: delete -> compact`);
    expect(await settingsOf('bent.departures.forecasts')).toMatchObject({
      'retention.ms': String(WEEK_MS),
      'segment.bytes': '1048576',
    });
    expect((await on.call('topics', 'check')).code).toBe(0);
    await startOf(on);
  });

  it('keep what keeps more', async () => {
    const on = await named('longer');
    await on.call('topics', 'create');
    await set('longer.departures.forecasts', { 'retention.ms': '-1' });
    expect((await on.call('topics', 'create', '--repair')).out).toContain('is there already');
    expect((await on.call('topics', 'check')).code).toBe(0);
    await startOf(on);
  });

  it('keep their partitions, whoever else would add some', async () => {
    const on = await named('grown');
    await on.call('topics', 'create');
    await admin.createPartitions({
      topicPartitions: [
        { topic: 'grown.departures.scores', count: 6 },
        { topic: 'flights.dead-letters', count: 5 },
      ],
    });
    const { code, err } = await on.call('topics', 'create', '--repair');
    expect(code).toBe(1);
    expect(err).toContain(
      'refused: grown.departures.scores (history) has partitions 6, but 4 is needed: partitions ' +
        'of a keyed topic never change: write `kafka.partitions: 6`, or begin anew',
    );
    expect(await partitionsOf('grown.departures.scores')).toBe(6);
    await expect(startOf(on)).rejects.toMatchObject({ code: 'LOG_TOPIC_MISMATCH' });
    // As it was, for the tests beside this one.
    await admin.deleteTopics({ topics: ['flights.dead-letters'] });
  });

  it('are not compacted when their first records were deleted', async () => {
    const on = await named('cut');
    await on.call('topics', 'create');
    const topic = 'cut.cut.departures.ingest.changelog';
    const opened = await on.open();
    await appendAll(opened.log, [
      { topic, partition: 0, key: Buffer.from('a'), value: Buffer.from('1') },
    ]);
    await opened.close();
    await set(topic, { 'cleanup.policy': 'delete' });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] });
    const { code, err } = await on.call('topics', 'create', '--repair');
    expect(code).toBe(1);
    expect(err).toContain(
      'its first records were deleted, and what is restored of it is not whole',
    );
    expect((await settingsOf(topic))['cleanup.policy']).toBe('delete');
  });

  it('are created by the first run of a stream, and never by a later one', async () => {
    const on = await named('first');
    await startOf(on);
    const all = await names('first.');
    // Those of the roles that ran elsewhere too.
    expect(all).toContain('first.first.departures.training.changelog');
    await admin.deleteTopics({ topics: ['first.first.departures.forecasting.changelog'] });
    await expect(startOf(on)).rejects.toMatchObject({
      code: 'LOG_UNKNOWN_TOPIC',
      message: expect.stringContaining('`tidecast topics create` creates it') as unknown,
    });
    expect((await on.call('topics', 'create')).code).toBe(0);
    expect(await names('first.')).toEqual(all);
  });

  it('are created by no run that is told so', async () => {
    const on = await named('never', { kafka: ['createTopics: false'] });
    await expect(startOf(on)).rejects.toMatchObject({ code: 'LOG_UNKNOWN_TOPIC' });
    expect(await names('never.')).toEqual([]);
  });

  it('lie on as many brokers as are configured, or are refused with the reason', async () => {
    const on = await named('copies', { kafka: ['replicas: 3'] });
    const { code, err } = await on.call('topics', 'create');
    expect(code).toBe(1);
    expect(err).toContain('fewer brokers than replicas; write `kafka.replicas`');
    expect(err).toContain('(LOG_TOPIC_REFUSED)');
  });
});
