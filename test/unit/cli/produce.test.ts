import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RECORD_BYTES_MAX } from '../../../src/log/record-size.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const fileWith = async (name: string, content: string): Promise<string> => {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, content);
  return file;
};

/** The limit of the logs themselves. */
const GREATEST = ['--set', `limits.recordBytesMax=${RECORD_BYTES_MAX}`];

const SALES = 'store,day,amount\na,2001-01-01,1.5\nb,2001-01-01,\na,2001-01-02,3\n';

describe('tidecast produce', () => {
  it('appends the rows of a CSV file as JSON, in turn over four partitions', async () => {
    const line = new CommandLine();
    const file = await fileWith('sales.csv', SALES);
    expect(await line.json('produce', file, '--topic', 'sales')).toEqual([
      {
        ...{ topic: 'sales', records: 3, bytes: 134, partitions: [1, 1, 1, 0] },
        ...{ withoutKey: 0, refused: 0, refusals: [] },
      },
    ]);
    expect(line.values('sales').map((value) => JSON.parse(value) as unknown)).toEqual([
      { store: 'a', day: '2001-01-01', amount: 1.5 },
      { store: 'b', day: '2001-01-01', amount: null },
      { store: 'a', day: '2001-01-02', amount: 3 },
    ]);
  });

  it('puts equal keys on one partition, and keys on all partitions', async () => {
    const line = new CommandLine();
    const rows = Array.from({ length: 60 }, (_, index) => `s${index % 20},${index}`);
    const file = await fileWith('sales.csv', `store,n\n${rows.join('\n')}\n`);
    await line.json('produce', file, '--topic', 'sales', '--key', 'store');
    const records = line.log.snapshot('sales');
    const places = new Set(records.map(({ key, partition }) => `${String(key)} ${partition}`));
    expect(records).toHaveLength(60);
    expect(places.size).toBe(20);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(4);
  });

  it('says how many records had no such key', async () => {
    const line = new CommandLine();
    const file = await fileWith('a.jsonl', '{"id":"x"}\n{"name":"y"}\n{broken\n');
    const outcome = await line.call('produce', file, '-t', 'a', '-k', 'id');
    expect(outcome).toMatchObject({ code: 0, out: '3 records appended to a\n' });
    expect(outcome.err).toBe('2 of 3 records have no id and went without a key: check --key\n');
  });

  it.each([
    ['line 2 has 1048577 bytes; the limit is 1048576 ', 1_048_576, []],
    ['line 2 has 101 bytes; the limit is 100 ', 100, ['--set', 'limits.recordBytesMax=100']],
  ])('leaves out what is beyond limits.recordBytesMax: %s', async (said, bytes, args) => {
    const line = new CommandLine();
    const rows = [bytes, bytes + 1].map((size) => JSON.stringify('x'.repeat(size - 2)));
    const file = await fileWith('a.jsonl', `${rows.join('\n')}\n`);
    const outcome = await line.call('produce', file, '-t', 'a', ...args);
    expect(outcome).toMatchObject({ code: 1, out: '1 records appended to a\n' });
    expect(outcome.err).toContain(
      `${said}for key and value; shorten them at the source, or raise limits.recordBytesMax (LOG`,
    );
    expect(line.values('a')).toEqual(rows.slice(0, 1));
  });

  it('takes what every log takes where limits.recordBytesMax is raised, and no more', async () => {
    const line = new CommandLine();
    const file = await fileWith('a.jsonl', `"${'x'.repeat(RECORD_BYTES_MAX - 2)}"\n`);
    const produce = async (bytesMax: number) =>
      line.call('produce', file, '-t', 'a', '--set', `limits.recordBytesMax=${bytesMax}`);
    expect(await produce(RECORD_BYTES_MAX)).toMatchObject({ code: 0, err: '' });
    expect((await produce(RECORD_BYTES_MAX + 1)).code).toBe(2);
    expect(line.values('a')).toHaveLength(1);
  });

  it('leaves out what no log takes, says where it is, and appends its neighbours', async () => {
    const line = new CommandLine();
    const huge = `{"id":"${'k'.repeat(5 << 20)}"}`;
    const wide = `{"id":"w","text":"${'ü'.repeat(4 << 20)}"}`;
    const lines = ['{"id":"a"}', '', huge, '{"id":"b"}', wide, '{"id":"c"}'];
    const file = await fileWith('a.jsonl', `${lines.join('\n')}\n`);
    const outcome = await line.call('produce', file, '-t', 'a', '-k', 'id', '-p', '0', ...GREATEST);
    expect(outcome).toMatchObject({ code: 1, out: '3 records appended to a\n' });
    const places = 'line 3 has 10485769 bytes, line 5 has 8388629 bytes';
    expect(outcome.err).toContain(
      `${file}: left out 2 of 5 rows: ${places}; the limit is 8388608 `,
    );
    expect(outcome.err).toContain('(LOG_RECORD_TOO_LARGE)');
    const records = line.log.snapshot('a');
    expect(records.map(({ key }) => String(key))).toEqual(['a', 'b', 'c']);
  });

  it('says how far it came when a file is damaged further on', async () => {
    const line = new CommandLine();
    const rows = Array.from({ length: 60_000 }, (_, index) => String(index));
    const file = await fileWith('n.csv', `n\n${rows.join('\n')}\n"never closed`);
    const outcome = await line.call('produce', file, '-t', 'n');
    expect(outcome).toMatchObject({ code: 1, out: '' });
    const { length } = line.values('n');
    expect(length).toBeGreaterThan(0);
    expect(outcome.err).toContain(`the first ${length} records of ${file} are in n, then:\n`);
    expect(outcome.err).toContain('(FILE_DAMAGED)');
  });

  it('makes no topic for a file of which no log takes anything', async () => {
    const line = new CommandLine();
    const file = await fileWith('a.jsonl', `"${'x'.repeat(9 << 20)}"\n`.repeat(12));
    const outcome = await line.call('produce', file, '-t', 'a');
    expect(outcome).toMatchObject({ code: 1, out: '0 records appended to a\n' });
    expect(outcome.err).toContain('left out 12 of 12 rows: line 1 has');
    expect(outcome.err).toContain('line 10 has 9437186 bytes, and 2 more');
    expect(await line.log.topics()).toEqual([]);
  });

  it('appends to the partition that is named', async () => {
    const line = new CommandLine();
    const file = await fileWith('sales.csv', SALES);
    const [result] = await line.json('produce', file, '-t', 'sales', '--partition', '2');
    expect(result).toMatchObject({ partitions: [0, 0, 3, 0] });
    const wrong = await line.call('produce', file, '-t', 'sales', '--partition', '4');
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.err).toContain('sales has partitions 0 to 3 only');
  });

  it.each([
    ['sales.csv', ['--partition', '77'], 'sales has partitions 0 to 3 only'],
    ['sales.csv', ['--set', 'kafka.partitions=2', '-p', '2'], 'sales has partitions 0 to 1 only'],
    ['gone.csv', [], 'gone.csv cannot be read'],
    ['sales.xlsx', [], 'name it .csv'],
  ])('leaves no topic behind when %s %j fails', async (name, args, message) => {
    const line = new CommandLine();
    const file = await fileWith('sales.csv', SALES);
    const call = ['produce', file.replace('sales.csv', name), '-t', 'sales', ...args];
    const outcome = await line.call(...call);
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain(message);
    expect(await line.log.topics()).toEqual([]);
  });

  it('appends JSON lines as they stand, broken ones too', async () => {
    const line = new CommandLine();
    const file = await fileWith('events.jsonl', '{"id": "x"}\n{broken\n');
    await line.json('produce', file, '-t', 'events', '-k', 'id', '-p', '0');
    const records = line.log.snapshot('events');
    expect(records.map(({ key, value }) => [key?.toString(), String(value)])).toEqual([
      ['x', '{"id": "x"}'],
      [undefined, '{broken'],
    ]);
  });

  it('keeps to a rate', async () => {
    const line = new CommandLine();
    const file = await fileWith('n.csv', `n\n${'1\n'.repeat(60)}`);
    const startedAt = performance.now();
    await line.json('produce', file, '-t', 'n', '--rate', '200');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(280);
    expect(line.values('n')).toHaveLength(60);
  });

  it('stops when it is asked to, and says how far it came', async () => {
    const line = new CommandLine();
    line.abort.abort();
    const stopped = await line.call('produce', await fileWith('sales.csv', SALES), '-t', 'sales');
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain('stopped after 0 records were appended to sales (INTERRUPTED)');
  });

  it.each([
    [['produce', 'gone.csv', '-t', 't'], 2, 'gone.csv cannot be read: check its path'],
    [['produce', 'a.xlsx', '-t', 't'], 2, 'name it .csv, .jsonl, .ndjson or .parquet'],
    [['produce', 'a.csv'], 2, "required option '-t, --topic <topic>' not specified"],
    [['produce', 'a.csv', '-t', 'my sales'], 2, 'It must be letters, digits, dots, dashes'],
    [['produce', 'a.csv', '-t', 't', '--rate', '0'], 2, 'It must be a number greater than zero.'],
    [['produce', 'a.csv', '-t', 't', '--partition', 'x'], 2, 'It must be a whole number'],
  ] as const)('%j ends with exit code %i', async (args, code, message) => {
    const outcome = await new CommandLine().call(...args);
    expect(outcome).toMatchObject({ code, out: '' });
    expect(outcome.err).toContain(message);
  });

  it('on Kafka leaves it to the owner of a source to create it', async () => {
    const line = new CommandLine();
    const file = await fileWith('sales.csv', SALES);
    const outcome = await line.call('produce', file, '-t', 'sales', '--set', 'log=kafka');
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain('there is no topic sales: create it on the broker');
  });

  it.each([
    ['models', ''],
    ['alerts', ''],
    ['x.s.ingest.changelog', ''],
    ['raw.dead-letters', ''],
    ['s.observations', ': raw'],
    ['s.scores', ': raw'],
  ])('leaves %s to those who write it', async (topic, known) => {
    const line = new CommandLine();
    const file = await fileWith('a.jsonl', '{"id":"a"}\n');
    const yaml =
      'streams: { s: { source: { topic: raw, series: a, time: b }, ' +
      'frequency: 1h, aggregate: count } }';
    const config = known === '' ? [] : ['--config', await fileWith('tidecast.yaml', yaml)];
    const outcome = await line.call('produce', file, '-t', topic, ...config);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain(
      `${topic} is written by tidecast alone; produce to the source of a stream${known}`,
    );
    expect(await line.log.topics()).toEqual([]);
  });
});
