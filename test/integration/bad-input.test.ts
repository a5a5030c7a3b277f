import {
  appendFile,
  copyFile,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/repository.ts';
import { tidecast, TidecastProcess, type Ended } from '../support/tidecast-process.ts';

const CONFIG = `
data: ./data
clock: { start: 2024-03-01T00:00:00Z }
http: { port: 0 }
streams:
  sales:
    source: { topic: sales, series: store, time: at, value: amount, attributes: [region] }
    frequency: 1h
    aggregate: sum
limits: { recordBytesMax: 8388608 }
`;

const AT = '"at":"2024-01-01T05:00:00Z"';

/** What no event is, and the reason that each is put aside with. */
const BAD: readonly (readonly [line: string, reason: string])[] = [
  ['{"store":"a","at":', 'VALUE_NOT_JSON'],
  ['[]', 'VALUE_NOT_AN_OBJECT'],
  ['"text"', 'VALUE_NOT_AN_OBJECT'],
  ['null', 'VALUE_NOT_AN_OBJECT'],
  [`{"store":{"x":1},${AT},"amount":1}`, 'SERIES_INVALID'],
  [`{"store":"\\u0000watermark:x:0",${AT},"amount":1}`, 'SERIES_INVALID'],
  [`{"store":"",${AT},"amount":1}`, 'SERIES_MISSING'],
  [`{"shop":"a",${AT},"amount":1}`, 'SERIES_MISSING'],
  [`{"store":"${'x'.repeat(600)}",${AT},"amount":1}`, 'SERIES_TOO_LONG'],
  ['{"store":"a","at":true,"amount":1}', 'TIME_INVALID'],
  ['{"store":"a","at":"yesterday","amount":1}', 'TIME_INVALID'],
  ['{"store":"a","amount":1}', 'TIME_MISSING'],
  ['{"store":"a","at":"1970-01-01T05:00:00Z","amount":1}', 'TIME_OUT_OF_RANGE'],
  ['{"store":"a","at":1704085200,"amount":1}', 'TIME_OUT_OF_RANGE'],
  ['{"store":"a","at":"2200-01-01T05:00:00Z","amount":1}', 'TIME_AHEAD'],
  [`{"store":"a",${AT}}`, 'VALUE_MISSING'],
  [`{"store":"a",${AT},"amount":"many"}`, 'VALUE_NOT_A_NUMBER'],
  [`{"store":"a",${AT},"amount":1e999}`, 'VALUE_NOT_A_NUMBER'],
  [`{"store":"a",${AT},"amount":NaN}`, 'VALUE_NOT_JSON'],
  [`{"store":"a",${AT},"amount":1,"region":["north"]}`, 'ATTRIBUTE_INVALID'],
];

const HOURS = 48;
/** Two series and two days, each event beside one that is none. */
const GOOD = Array.from({ length: HOURS * 2 }, (_, index) => {
  const at = new Date(Date.UTC(2024, 0, 1, index >> 1)).toISOString();
  return JSON.stringify({ store: index % 2 === 0 ? 'a' : 'b', at, amount: index });
});
const INTERLEAVED = GOOD.flatMap((line, index) => [line, BAD[index]?.[0] ?? []]).flat();

const MEGABYTE = 1 << 20;
const KEYED = [
  { key: '', store: 'a', at: '2024-01-03T01:00:00Z', amount: 1 },
  { key: 'k'.repeat(3 * MEGABYTE), store: 'a', at: '2024-01-03T02:00:00Z', amount: 1 },
  { key: 'm'.repeat(3 * MEGABYTE), store: 'a', amount: 1 },
].map((row) => JSON.stringify(row));

interface DeadLetter {
  readonly value: {
    readonly value: string | null;
    readonly reason: string;
    readonly detail: string;
  };
}

const STACK = /\n\s+at |\.js:\d+/;

const call = (folder: string, ...args: readonly string[]): Promise<Ended> =>
  new TidecastProcess(args, folder).ended;

/** Refused with a sentence that says what to do. */
const expectRefusal = ({ code, err }: Ended, exitCode: number, says: RegExp): void => {
  expect(err).toMatch(says);
  expect(err).not.toMatch(STACK);
  expect(code).toBe(exitCode);
};

describe('bad input', () => {
  let folder = '';
  let ran: Ended;

  const read = async <T>(topic: string): Promise<readonly T[]> =>
    (await tidecast(folder, 'topics', 'read', topic, '--json'))
      .split('\n')
      .filter((line) => line !== '')
      // One object a record, by the contract of the command.
      .map((line) => JSON.parse(line) as T);

  /** A copy of the folder's data to spoil. */
  const spoilt = async (name: string, file: string): Promise<string> => {
    const data = join(folder, name);
    await cp(join(folder, 'data'), data, { recursive: true });
    await writeFile(join(data, file), '0\n');
    return data;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    await writeFile(join(folder, 'tidecast.yaml'), CONFIG);
    await writeFile(join(folder, 'events.jsonl'), `${INTERLEAVED.join('\n')}\n`);
    await writeFile(join(folder, 'keyed.jsonl'), `${KEYED.join('\n')}\n`);
    await writeFile(join(folder, 'good.jsonl'), `${GOOD.join('\n')}\n`);
    await tidecast(folder, 'produce', 'events.jsonl', '--topic', 'sales');
    await tidecast(folder, 'produce', 'keyed.jsonl', '--topic', 'sales', '--key', 'key');
    ran = await call(folder, 'run', '--until-idle');
  }, 90_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('stops nothing: the run ends well and no task fails', () => {
    expect(ran.code).toBe(0);
    expect(ran.err).not.toContain('task-failed');
  });

  it('becomes a dead letter each, with its bytes and a reason', async () => {
    const letters = await read<DeadLetter>('sales.dead-letters');
    const said = letters.map(({ value }) => [
      Buffer.from(value.value ?? '', 'base64').toString(),
      value.reason,
    ]);
    expect(said.filter(([bytes]) => bytes !== '').sort()).toEqual([...BAD].sort());
    const [huge] = letters.filter(({ value }) => value.value === null);
    expect(huge?.value.reason).toBe('TIME_MISSING');
    expect(huge?.value.detail).toMatch(/key not kept: sha256 [0-9a-f]{64}, 3145728 bytes/);
    expect(letters).toHaveLength(BAD.length + 1);
  });

  it('takes no neighbour with it', async () => {
    const records = await read<{ type: string }>('sales.observations');
    const observed = records.filter(({ type }) => type === 'Observation');
    expect(observed).toHaveLength(GOOD.length + 2);
    expect((await read('sales.forecasts')).length).toBeGreaterThan(HOURS);
  });

  it('is refused by its line where a key is larger than any log takes', async () => {
    const rows = ['a', 'k'.repeat(10 * MEGABYTE), 'b'].map((key) => ({ key, store: 'huge' }));
    const lines = rows.map((row) => JSON.stringify(row));
    await writeFile(join(folder, 'huge.jsonl'), `${lines.join('\n')}\n`);
    const ended = await call(folder, 'produce', 'huge.jsonl', '--topic', 'huge', '--key', 'key');
    expectRefusal(
      ended,
      1,
      /huge\.jsonl: left out 1 of 3 rows: line 2 has \d+ bytes;.*shorten.*\(LOG_RECORD_TOO_LARGE\)/,
    );
    expect(ended.out).toContain('2 records appended to huge');
    const kept = await read<{ key: string }>('huge');
    expect(kept.map(({ key }) => key).sort()).toEqual(['a', 'b']);
  });

  it('is refused where a Parquet file is cut off', async () => {
    const cut = join(folder, 'cut.parquet');
    await copyFile(join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet'), cut);
    await truncate(cut, 200_000);
    const ended = await call(folder, 'produce', 'cut.parquet', '--topic', 'sales');
    expectRefusal(ended, 1, /no whole Parquet file: fetch or write it again .*\(FILE_DAMAGED\)/);
  });

  it('is refused where a log is of another version', async () => {
    const data = await spoilt('other-log', 'log/format');
    const says = /log format 0, .* or use another data folder \(LOG_FORMAT\)/;
    for (const args of [['run'], ['run', '--until-idle']]) {
      expectRefusal(await call(folder, ...args, '--set', `data=${data}`), 2, says);
    }
    expect(await readFile(join(data, 'log/format'), 'utf8')).toBe('0\n');
  });

  it('is left alone where state is of another version, and rebuilt beside it', async () => {
    const data = await spoilt('other-state', 'stores/format');
    const set = ['--set', `data=${data}`];
    const before = await call(folder, 'topics', 'read', 'sales.observations', '--json', ...set);
    const ended = await call(folder, 'run', '--until-idle', ...set);
    expect(ended.code).toBe(0);
    expect(ended.err).toMatch(/another version of tidecast wrote .*stores: .* in .*stores-2/);
    const after = await call(folder, 'topics', 'read', 'sales.observations', '--json', ...set);
    expect(after.out).toBe(before.out);
    expect(before.out).not.toBe('');
    expect(await readFile(join(data, 'stores/format'), 'utf8')).toBe('0\n');
    expect(await readdir(join(data, 'stores-2/tidecast'))).not.toEqual([]);
  });

  it('is refused where a key of the configuration is unknown', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, CONFIG.replace('aggregate', 'agregate'));
    const ended = await call(folder, 'run', '--config', file);
    expectRefusal(
      ended,
      2,
      /streams\.sales\.agregate \(.*wrong\.yaml:9\): unknown key \(did you mean "aggregate"\?\)/,
    );
  });

  it('is refused where a port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ended = await call(folder, 'run', '--until-idle', '--set', `http.port=${port}`);
    other.close();
    expectRefusal(
      ended,
      2,
      /another process listens on .*choose another port.*\(HTTP_PORT_TAKEN\)/,
    );
  });

  it('is refused where another process has the folder, which goes on with its work', async () => {
    const first = new TidecastProcess(['run'], folder);
    await first.says(/tidecast is on http/);
    expectRefusal(await call(folder, 'run'), 2, /is open in process \d+; stop it first/);
    await appendFile(join(folder, 'more.jsonl'), `${GOOD[0] ?? ''}\n`);
    expect((await call(folder, 'produce', 'more.jsonl', '--topic', 'sales')).code).toBe(0);
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });

  it.each(['run', 'produce good.jsonl --topic sales', 'doctor'])(
    'is no damage where %s begins without room',
    async (line) => {
      const args = line.split(' ');
      const ended = await new TidecastProcess(args, folder, { fileBlocksMax: 0 }).ended;
      const err = ended.err + (args[0] === 'doctor' ? ended.out : '');
      expectRefusal(
        { ...ended, err },
        1,
        /data.log.* make room on the disk or raise that limit \(/,
      );
      expect(err).not.toMatch(/restore the folder|CORRUPT/);
      await tidecast(folder, 'topics', 'list');
    },
  );

  it('waits for room on a full disk, says so, and then loses nothing', async () => {
    const small = ['--set', 'data=./small'];
    await tidecast(folder, 'produce', 'good.jsonl', '--topic', 'sales', ...small);
    const full = new TidecastProcess(['run', '--until-idle', ...small], folder, {
      fileBlocksMax: 48,
    });
    await full.says(/make room on the disk or raise that limit/);
    full.kill('SIGTERM');
    const { code, err } = await full.ended;
    expect(code).toBe(1);
    expect(err).toContain('stopped before everything was processed: run it again (INTERRUPTED)');
    expect(err.split('\n').length).toBeLessThan(200);
    await tidecast(folder, 'run', '--until-idle', ...small);
    const read = await tidecast(folder, 'topics', 'read', 'sales.observations', '--json', ...small);
    expect(read.split('\n').filter((line) => line.includes('"Observation"'))).toHaveLength(
      GOOD.length,
    );
  });
}, 60_000);
