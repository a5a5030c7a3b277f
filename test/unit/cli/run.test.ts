import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accuracyType, modelEventType } from '../../../src/schemas/value-types.ts';
import { LogError } from '../../../src/log/errors.ts';
import { until } from '../../contracts/log-harness.ts';
import { accuracyOf, promoted, trained } from '../../support/online-view.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine, type Outcome } from './command-line.ts';

const START = Date.UTC(2001, 0, 1);
const HOUR_MS = 3_600_000;

const configOf = (folder: string): string => `
data: ${folder}
http: { port: 0 }
kafka: { partitions: 1 }
streams:
  sales:
    source: { topic: sales, series: s, time: t, value: v, id: id }
    frequency: 1h
    aggregate: sum
`;

const sale = (hour: number): string =>
  JSON.stringify({ s: 'a', t: START + hour * HOUR_MS, v: hour, id: `n${hour}` });

const SALES = Array.from({ length: 30 }, (_, hour) => sale(hour));

/** A source that holds these values by partition, and the configuration that reads it. */
const withSource = async (...partitions: readonly string[][]): Promise<CommandLine> => {
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  await writeFile(file, configOf(folder));
  const line = new CommandLine();
  line.nowMs = START + 40 * HOUR_MS;
  line.env = { TIDECAST_CONFIG: file };
  const definition = { name: 'sales', partitions: partitions.length, cleanup: 'delete' } as const;
  await line.log.ensureTopics([definition]);
  for (const [partition, values] of partitions.entries()) {
    const records = values.map((value) => ({ key: null, value: Buffer.from(value) }));
    line.log.append('sales', partition, records);
  }
  return line;
};

interface Logged {
  readonly action: unknown;
  readonly level: unknown;
  readonly labels: unknown;
}

const loggedIn = ({ err }: Outcome): readonly Logged[] =>
  err
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      // The logger writes an object a line.
      const fields = JSON.parse(line) as Record<string, unknown>;
      return {
        action: fields['event.action'],
        level: fields['log.level'],
        labels: fields['labels'],
      };
    });

describe('tidecast run', () => {
  it('warns of what is set and not in effect yet, in a line each', async () => {
    const line = await withSource([]);
    const keys = ['groupBy=region', 'errorRate=0.5'].map(
      (key) => `streams.sales.monitoring.${key}`,
    );
    const { code, err } = await line.call(
      'run',
      '--until-idle',
      ...keys.flatMap((key) => ['--set', key]),
    );
    expect(code).toBe(0);
    const warned = err.split('\n').filter((text) => text.includes('key-not-in-effect'));
    expect(warned).toHaveLength(2);
    expect(warned[0]).toContain('sales.monitoring.groupBy) is not in effect yet: all goes as it');
  });

  it('logs its start, its tasks, what was refused and its end', async () => {
    const line = await withSource([...SALES, 'no JSON', 'none either']);
    const outcome = await line.call('run', '--until-idle');
    expect(outcome.code).toBe(0);
    const logged = loggedIn(outcome);
    const lines = logged.map(({ level, action }) => `${String(level)} ${String(action)}`);
    expect(lines.filter((said) => said === 'info task-acquired')).toHaveLength(6);
    expect(lines.filter((said) => said !== 'info task-acquired').toSorted()).toEqual([
      'info retraining-requested',
      'info started',
      'info stopped',
      'info stopping',
      // Thirty hours are too few to learn from.
      'warn model-rejected',
      'warn records-refused',
    ]);
    expect(lines.at(-1)).toBe('info stopped');
    const labelsOf = (wanted: string): unknown =>
      logged.find(({ action }) => action === wanted)?.labels;
    expect(labelsOf('started')).toMatchObject({
      roles: 'ingest,forecasting,monitoring,summary,retraining,training,api',
      ...{ streams: 'sales', tasks: 6, log: 'embedded' },
      address: expect.stringMatching(/^http:/) as unknown,
    });
    const refused = { stream: 'sales', topic: 'sales', reason: 'VALUE_NOT_JSON', count: 2 };
    expect(labelsOf('records-refused')).toEqual(refused);
  });

  it('says in its help that the last period stays open', async () => {
    const { out } = await new CommandLine().call('run', '--help');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'has been processed; the last period stays open, since only later events say',
    );
  });

  it('names the file that lacks a stream', async () => {
    const file = join(await temporaryFolder(), 'c.yaml');
    await writeFile(file, 'application: shop\n');
    for (const command of ['run', 'describe', 'train']) {
      const { code, err } = await new CommandLine().call(command, '-c', file);
      expect(code).toBe(2);
      expect(err).toContain(`: add a stream to ${file} (`);
    }
  });

  it('does not run beside the process that owns the folder, and names it', async () => {
    const line = await withSource([]);
    line.isRemote = true;
    const { code, err } = await line.call('run');
    expect(code).toBe(2);
    expect(err).toContain(`is open in process ${process.pid}; stop it first, or use another data`);
    expect(err).toContain('(LOG_LOCKED)');
  });

  it('ends in order when what runs beside the tasks fails before they have started', async () => {
    const line = await withSource(SALES);
    const { log } = line;
    const open = log.reader.bind(log);
    let hasFailed = false;
    log.reader = (topic, partition, from) => {
      const reader = open(topic, partition, from);
      if (topic !== 'sales.observations' || hasFailed) return reader;
      // The first one follows how far partitions are.
      reader.poll = () => {
        hasFailed = true;
        return Promise.reject(new LogError('LOG_CORRUPT', 'the tail is damaged'));
      };
      return reader;
    };
    const join = log.join.bind(log);
    log.join = async (...given) => {
      await until(() => hasFailed);
      // Who handles no rejection has not done so by now.
      await new Promise((turn) => setImmediate(turn));
      return join(...given);
    };
    const { code, err } = await line.call('run', '--until-idle');
    expect(code).toBe(1);
    expect(err).toContain('the tail is damaged (LOG_CORRUPT)');
    expect(err).toContain('"stopped"');
  });

  it('does not wait for the end of what other workers have a part in', async () => {
    const line = await withSource(SALES, []);
    const ignore = (): void => undefined;
    const worker = { instance: 'other', address: '10.0.0.7:8000' };
    await line.log.join(
      { group: 'tidecast.sales.ingest', topics: ['sales'], worker },
      { assigned: ignore, lost: ignore, failed: ignore },
    );
    const { code, err } = await line.call('run', '--until-idle');
    expect(code).toBe(1);
    expect(err).toContain('other workers have some of the tasks (10.0.0.7:8000), so that');
    expect(err).toContain('(STILL_RUNNING)');
  });

  /** Runs until its metrics have a line that matches; returns that line. */
  const metricOf = async (
    line: CommandLine,
    wanted: RegExp,
    ...args: readonly string[]
  ): Promise<string> => {
    let found = '';
    const ask = async (address: string): Promise<void> => {
      while (found === '') {
        const text = await (await fetch(`${address}/metrics`)).text();
        found = wanted.exec(text)?.[0] ?? '';
      }
      line.abort.abort();
    };
    line.onErr = (text) => {
      const [, address] = /^tidecast is on (\S+)/.exec(text) ?? [];
      if (address !== undefined) void ask(address);
    };
    expect((await line.call('run', ...args)).code).toBe(0);
    return found;
  };

  it('serves probes and metrics without a view where only these are asked for', async () => {
    const line = await withSource(SALES);
    const roles = ['--roles', 'ingest,forecasting,probes'];
    const metric = /^tidecast_task_records_total\{.*topology="forecasting".*\} [1-9]\d*$/m;
    expect(await metricOf(line, metric, ...roles)).toContain('forecasting');
  });

  it('counts repeated events where metrics are asked for', async () => {
    const line = await withSource([...SALES, sale(29), sale(29)]);
    const repeated = await metricOf(line, /^tidecast_repeated_events_total.* 2$/m);
    expect(repeated).toBe('tidecast_repeated_events_total{stream="sales"} 2');
  });

  it('ends where partitions of which nothing more comes are far behind the others', async () => {
    const line = await withSource(SALES, [sale(0), 'no JSON']);
    const limits = ['limits.alignmentPeriods=2', 'limits.batchRecordsMax=3'];
    const args = limits.flatMap((limit) => ['--set', limit]);
    const { code, err } = await line.call('run', '--until-idle', ...args);
    expect(code).toBe(0);
    // The first one has to wait, unless the second is at its end before it is heard of.
    const waits = err.split('\n').filter((line) => line.includes('partitions-wait'));
    for (const line of waits) {
      expect(line).toContain('sales wait for partition 1, which has come to 2000-12-31T');
    }
    expect(line.values('sales.scores').filter((value) => value !== 'null')).toHaveLength(27);
  });

  it('shows after a restart what accuracy it knew before', async () => {
    const line = await withSource(SALES);
    await line.call('run', '--until-idle');
    const named = { stream: 'sales', model: 'sales' };
    for (const event of [trained('1', named), promoted('1', named)]) {
      const value = await line.written(modelEventType, event);
      line.log.append('models', 0, [{ key: Buffer.from('sales'), value }]);
    }
    const model = { name: 'sales', version: '1', sha256: 'sha-1', role: 'champion' as const };
    // The process goes by its own clock, and an accuracy of long ago is shown no more.
    const end = Date.now();
    const window = { kind: '7d', start: end - 7 * 24 * HOUR_MS, end, count: 1 };
    const accuracy = accuracyOf({ stream: 'sales', model, window, metrics: { wape: 0.125 } });
    const value = await line.written(accuracyType, accuracy);
    line.log.append('sales.accuracy', 0, [{ key: Buffer.from('k'), value }]);
    // Once from the topic, and once from what was kept of it.
    for (let start = 1; start <= 2; start += 1) {
      line.abort = new AbortController();
      const shown = await metricOf(line, /^forecast_model_accuracy.*$/m, '--roles', 'api');
      expect(shown).toBe('forecast_model_accuracy{model="sales",metric="wape"} 0.125');
    }
  });
});

it('says what topics keep beyond need, and lets them', async () => {
  const line = await withSource(SALES);
  const name = 'sales.forecasts';
  await line.log.ensureTopics([{ name, partitions: 1, cleanup: 'delete', retentionMs: 1e12 }]);
  const { code, err } = await line.call('run', '--until-idle');
  expect(code).toBe(0);
  expect(err).toContain(`${name} has retention.ms 1000000000000, and 604800000 would do`);
  expect(err).toContain('`tidecast topics create --lower` sets it');
  expect(err.match(/topic-keeps-more/g)).toHaveLength(1);
  const kept = (await line.log.topics()).find(({ definition }) => definition.name === name);
  expect(kept?.definition.retentionMs).toBe(1e12);
});
