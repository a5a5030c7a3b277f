import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { kafkaTool } from '../support/kafka-tools.ts';
import { ROOT } from '../support/repository.ts';
import {
  LISTENERS,
  makeCertificates,
  securedProperties,
  type Certificates,
} from '../support/secured-kafka.ts';
import { TidecastProcess } from '../support/tidecast-process.ts';
import { appendEvents } from '../support/run-on-log.ts';
import { called, type Ended } from '../support/kafka-cli.ts';
import { describeOnKafka } from '../support/on-kafka.ts';

const START_MS = 360_000;
/** A failure is told within seconds. */
const FAIL_MS = 12_000;
const HOURS = 30;
/** YAML would take it for something else, were it not taken as it stands. */
const PASSWORD = '{s3cret~of:tidecast';
const WRONG = 'n0t-the-password';
const USERS = { tidecast: PASSWORD, stranger: 'stranger-s3cret', guest: 'guest-s3cret' };

/** The calls of `kafka-acls.sh` in docs/security.md, as they stand there. */
const grants = async (): Promise<readonly (readonly string[])[]> =>
  (await readFile(join(ROOT, 'docs/security.md'), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('kafka-acls.sh '))
    .map((line) => line.split(' ').slice(3));

/** The same for a guest, who may look at groups and not join them. */
const grantsOfGuest = async (): Promise<readonly (readonly string[])[]> =>
  (await grants()).map((grant) =>
    grant.map((word) => {
      if (word === 'User:tidecast') return 'User:guest';
      return word === 'Read' && grant.includes('--group') ? 'Describe' : word;
    }),
  );

describeOnKafka('brokers that want to know who it is', () => {
  let root = '';
  let kafka: RunningKafka;
  let files: Certificates;
  let count = 0;
  /** All that any of the processes has said. */
  let everything = '';

  /** A configuration; `kafka` has the lines below that key. */
  const configOf = async (lines: readonly string[]): Promise<string> => {
    count += 1;
    const file = join(root, `tidecast-${count}.yaml`);
    const config = [
      'log: kafka',
      `data: ${join(root, `data-${count}`)}`,
      'clock: { start: 2024-03-01T00:00:00Z }',
      'http: { port: 0 }',
      'logging: { level: debug }',
      'kafka:',
      ...lines.map((line) => `  ${line}`),
      `  registry: ${kafka.registry}`,
      '  topicPrefix: tidecast.',
      '  partitions: 1',
      'streams:',
      '  departures:',
      '    source: { topic: flights, series: origin, time: at }',
      '    frequency: 1h',
      '    aggregate: count',
    ];
    await writeFile(file, `${config.join('\n')}\n`);
    return file;
  };

  const call = async (
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ended> => {
    const ended = await called([...args, '--config', file], env);
    everything += ended.out + ended.err;
    return ended;
  };

  const at = (listener: string): string =>
    `brokers: ["${kafka.listeners[listener]?.join(',') ?? ''}"]`;
  const sasl = (mechanism: string, password: string, username = 'tidecast'): string =>
    `sasl: { mechanism: ${mechanism}, username: ${username}, password: "${password}" }`;
  const ca = (file: string): string => `ssl: { ca: ${file} }`;

  const fails = async (lines: readonly string[]): Promise<Ended> => {
    const began = performance.now();
    const ended = await call(await configOf(lines), ['topics', 'list']);
    expect(performance.now() - began).toBeLessThan(FAIL_MS);
    // A sentence, and no stack.
    expect(ended.err).not.toMatch(/\n\s+at /);
    return ended;
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    files = await makeCertificates(root);
    kafka = await startKafka({
      ...{ brokers: 1, folder: join(root, 'kafka'), listeners: LISTENERS, users: USERS },
      properties: securedProperties(files, USERS),
    });
    const log = await openKafkaLog({
      ...{ brokers: kafka.brokers, clientId: 'owner', clock: systemClock },
    });
    await log.ensureTopics([{ name: 'of-others', partitions: 1, cleanup: 'keep' }]);
    const events = Array.from({ length: HOURS }, (_, hour) =>
      JSON.stringify({ origin: 'JFK', at: Date.UTC(2024, 0, 1, hour) }),
    );
    await appendEvents(log, { topic: 'flights', partitions: [events] });
    await log.close();
    // May see the source, and no more.
    const seeing = ['--operation', 'Read', '--operation', 'DescribeConfigs', '--topic', 'flights'];
    const stranger = ['--add', '--allow-principal', 'User:stranger', ...seeing];
    const admin = ['--bootstrap-server', kafka.brokers.join(',')];
    await Promise.all(
      [...(await grants()), ...(await grantsOfGuest()), stranger].map((grant) =>
        kafkaTool(kafka.jars, ['AclCommand', ...admin, ...grant]),
      ),
    );
  }, START_MS);

  afterAll(async () => {
    await kafka.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('let it run by TLS and SCRAM, with no more rights than are documented', async () => {
    const password = join(root, 'password');
    await writeFile(password, `${PASSWORD}\n`);
    const file = await configOf([
      ...[at('SECURED'), ca(files.ca)],
      `sasl: { mechanism: scram-sha-512, username: tidecast, passwordFile: ${password} }`,
    ]);
    for (const args of [['doctor'], ['topics', 'create'], ['schemas', 'register'], ['describe']]) {
      const { code, err } = await call(file, args);
      expect(code, `${args.join(' ')}: ${err}`).toBe(0);
    }
    const run = await new TidecastProcess(['run', '--until-idle', '--config', file], root).ended;
    everything += run.out + run.err;
    expect(run.code, run.err).toBe(0);
    const { out } = await call(file, [
      ...['topics', 'read', 'tidecast.departures.forecasts', '--json'],
    ]);
    expect(out.match(/"type":"Forecast"/g)).toHaveLength(HOURS - 2);
  }, 90_000);

  it.each([
    ['scram-sha-256', 'SECURED'],
    ['plain', 'SECURED'],
    ['scram-sha-512', 'OPEN'],
  ])(
    'believe the password by %s, from the environment',
    async (mechanism, listener) => {
      const file = await configOf([
        ...[at(listener), ...(listener === 'OPEN' ? [] : [ca(files.ca)])],
        `sasl: { mechanism: ${mechanism}, username: tidecast }`,
      ]);
      const { code, out, err } = await call(file, ['topics', 'list'], {
        TIDECAST_KAFKA_SASL_PASSWORD: PASSWORD,
      });
      expect(code, err).toBe(0);
      expect(out).toContain('flights');
      // It may not be seen, so it is not there.
      expect(out).not.toContain('of-others');
    },
    30_000,
  );

  it('believe a certificate of a client', async () => {
    const { clientCert: cert, clientKey: key } = files;
    const ssl = `ssl: { ca: ${files.ca}, cert: ${cert}, key: ${key} }`;
    const { code, err } = await call(await configOf([at('MUTUAL'), ssl]), ['topics', 'list']);
    expect(code, err).toBe(0);
  }, 30_000);

  it('refuse a wrong password, by each mechanism', async () => {
    for (const mechanism of ['scram-sha-256', 'plain']) {
      const lines = [at('SECURED'), ca(files.ca), sasl(mechanism, WRONG)];
      const { code, err } = await fails(lines);
      expect(err).toMatch(/check kafka\.sasl: user tidecast, mechanism .*\(LOG_AUTHENTICATION\)/);
      expect(code).toBe(2);
    }
  }, 60_000);

  it('are refused when nobody known has signed their certificate', async () => {
    for (const ssl of [ca(files.otherCa), 'ssl: true']) {
      const { code, err } = await fails([at('SECURED'), ssl, sasl('plain', PASSWORD)]);
      expect(err).toMatch(/the authority that signed .* as kafka\.ssl\.ca \(LOG_TLS\)/);
      expect(code).toBe(2);
    }
  }, 60_000);

  it('are refused when their certificate is for another name', async () => {
    const { code, err } = await fails([at('MISNAMED'), ca(files.ca), sasl('plain', PASSWORD)]);
    expect(err).toMatch(/not in the cert's list.*as its certificate does \(LOG_TLS\)/);
    expect(code).toBe(2);
  }, 60_000);

  it.each([
    ['plaintext to a TLS port', 'SECURED', () => [sasl('plain', PASSWORD)], /set kafka\.ssl/],
    ['TLS to a plaintext port', 'OPEN', () => [ca(files.ca), sasl('plain', PASSWORD)], /speak TLS/],
    ['no password where one is wanted', 'OPEN', () => [], /want a password \(kafka\.sasl\)/],
    ['no certificate where one is wanted', 'MUTUAL', () => [ca(files.ca)], /kafka\.ssl\.cert/],
  ] as const)(
    'are not reached by %s, and it says so',
    async (...[, listener, lines, says]) => {
      const { code, err } = await fails([at(listener), ...lines()]);
      expect(err).toMatch(says);
      expect(err).toMatch(/\(LOG_(TLS|UNREACHABLE)\)/);
      expect(code).toBe(err.includes('LOG_TLS') ? 2 : 1);
    },
    60_000,
  );

  it('refuse a user without rights by naming what is missing', async () => {
    const stranger = sasl('scram-sha-256', USERS.stranger, 'stranger');
    const file = await configOf([at('SECURED'), ca(files.ca), stranger]);
    const { code, err } = await call(file, ['topics', 'create']);
    expect(err).toMatch(/docs\/security\.md.*\(LOG_UNAUTHORIZED\)/);
    expect(code).toBe(1);
  }, 60_000);

  it.each([
    ['without the right to join groups', 'guest', 10_000, 1, /docs\/security\.md.*UNAUTHORIZED/],
    ['with a session too short', 'tidecast', 1_000, 2, /kafka\.sessionTimeoutMs.*GROUP_REFUSED/],
  ] as const)(
    'end a run %s, and it says what to do',
    async (...[, user, sessionTimeoutMs, code, says]) => {
      const known = sasl('scram-sha-256', USERS[user], user);
      const session = `sessionTimeoutMs: ${sessionTimeoutMs}`;
      const file = await configOf([at('SECURED'), ca(files.ca), known, session]);
      await call(file, ['topics', 'create']);
      const args = ['run', '--register-schemas', '--adopt', '--config', file];
      const run = await new TidecastProcess(args, root).ended;
      everything += run.out + run.err;
      expect(run.err).toMatch(/this process is not in group tidecast\./);
      expect(run.err).toMatch(says);
      expect(run.code).toBe(code);
    },
    60_000,
  );

  it('hear a password that nobody else does', () => {
    for (const password of [PASSWORD, WRONG, USERS.stranger]) {
      expect(everything).not.toContain(password);
    }
    expect(everything.length).toBeGreaterThan(1_000);
  });
});
