import { createRequire } from 'node:module';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../../src/ingestion/errors.ts';
import { fileLines } from '../../../src/ingestion/files/lines.ts';
import { cellValue, numeralOf, plainValue, type Row } from '../../../src/ingestion/files/row.ts';
import { readRows } from '../../../src/ingestion/files/rows.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const FLIGHTS = join(
  createRequire(import.meta.url).resolve('vega-datasets'),
  '../../data/flights-3m.parquet',
);

/** By pyarrow: dates, stamps without a zone and instants, at the days around a change of clocks. */
const DAYS = fileURLToPath(new URL('../../fixtures/parquet/days.parquet', import.meta.url));

const fileWith = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, content);
  return file;
};

const all = async <T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> => {
  const items: T[] = [];
  for await (const batch of batches) items.push(...batch);
  return items;
};

const rowsOf = async (name: string, content: string | Uint8Array): Promise<Row[]> =>
  all(readRows(await fileWith(name, content)));

const failure = async (work: Promise<unknown>): Promise<FileError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FileError);
  return error as FileError;
};

describe('a CSV file', () => {
  it('gives rows by column, with numbers, texts and known gaps told apart', async () => {
    const content = '\ufeffid,day,amount\r\n007,2001-01-01,1.50\r\n"a,""b"" ",2001-01-02,\r\n';
    expect(await rowsOf('a.csv', content)).toEqual([
      { id: '007', day: '2001-01-01', amount: '1.50' },
      { id: 'a,"b" ', day: '2001-01-02', amount: null },
    ]);
  });

  it('is read in batches of a thousand', async () => {
    const file = await fileWith('a.csv', `n\n${'1\n'.repeat(2_500)}`);
    const sizes: number[] = [];
    for await (const batch of readRows(file)) sizes.push(batch.length);
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });

  it.each([
    ['a row with another number of cells', 'a,b\n1,2\n3\n', /a\.csv:3 is no CSV/],
    ['a quote that is never closed', 'a,b\n"1,2\n', /is no CSV: Quote/],
  ])('is refused for %s, with its line', async (_what, content, message) => {
    const error = await failure(rowsOf('a.csv', content));
    expect(error.code).toBe('FILE_DAMAGED');
    expect(error.message).toMatch(message);
  });

  it('may be empty', async () => {
    expect(await rowsOf('a.csv', '')).toEqual([]);
  });
});

describe('JSON lines', () => {
  it('give rows, whatever ends a line', async () => {
    expect(await rowsOf('a.jsonl', '{"a":1}\r\n\n{"b":"ü"}')).toEqual([{ a: 1 }, { b: 'ü' }]);
  });

  it('may begin with a byte order mark, as editors and spreadsheets write one', async () => {
    expect(await rowsOf('a.jsonl', '\ufeff{"a":1}\n{"b":"\ufeff"}')).toEqual([
      { a: 1 },
      { b: '\ufeff' },
    ]);
    expect(await all(fileLines(await fileWith('a.jsonl', '\ufeff{"a":1}')))).toEqual(['{"a":1}']);
  });

  it('are also read as they stand, broken or not', async () => {
    const file = await fileWith('a.ndjson', '{"a":1}\n{broken\n');
    expect(await all(fileLines(file))).toEqual(['{"a":1}', '{broken']);
  });

  it('keep characters whole across reads of the file', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `{"n":${index},"t":"żółć€"}`);
    expect(await all(fileLines(await fileWith('a.jsonl', lines.join('\n'))))).toEqual(lines);
  });

  it.each(['{"a":1}\n{broken\n', '{"a":1}\n[2]\n'])('name the line of %j', async (content) => {
    const error = await failure(rowsOf('a.jsonl', content));
    expect(error).toMatchObject({ code: 'FILE_DAMAGED' });
    expect(error.message).toContain('JSON line 2');
  });

  it('name a line that is none, without reading all of it', async () => {
    const content = `{"a":1}\n\n${'x'.repeat(17 << 20)}`;
    const error = await failure(all(fileLines(await fileWith('a.jsonl', content))));
    expect(error).toMatchObject({ code: 'FILE_DAMAGED' });
    expect(error.message).toContain('JSON line 3 is longer than 16 MB');
  });

  it('count empty lines too', async () => {
    const content = '\n{"a":1}\r\n\r\n{broken\n';
    const error = await failure(rowsOf('a.jsonl', content));
    expect(error.message).toContain('JSON line 4');
    const lines = await all(fileLines(await fileWith('a.jsonl', content)));
    expect(lines).toEqual(['', '{"a":1}', '', '{broken']);
  });
});

describe('a Parquet file', () => {
  it('gives rows whose local stamps have no zone and whose integers are numbers', async () => {
    for await (const batch of readRows(FLIGHTS)) {
      expect(batch).toHaveLength(1_000);
      expect(batch[0]).toEqual({
        date: '2001-01-01T00:01:00',
        delay: 33,
        distance: 2176,
        origin: 'LAS',
        destination: 'PHL',
      });
      return;
    }
    expect.unreachable();
  });

  it('gives dates and local stamps without a zone, and instants with one', async () => {
    const rows = await all(readRows(DAYS));
    expect(rows.map(({ day, opened, closed }) => [day, opened, closed])).toEqual([
      ['2024-03-09', '2024-03-09T07:30:00', '2024-03-09T07:30:00Z'],
      ['2024-03-10', '2024-03-10T07:30:00', '2024-03-10T07:30:00Z'],
      ['2024-03-11', '2024-03-11T07:30:00.250', '2024-03-11T07:30:00.250Z'],
      ['2024-03-12', null, null],
    ]);
  });

  it.each([
    ['cut in the middle', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ['without its footer', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4)],
    ['empty', () => Buffer.alloc(0)],
    ['with its first pages overwritten', (bytes: Buffer) => Buffer.from(bytes).fill(7, 4, 100_000)],
    ['with its first pages missing', (bytes: Buffer) => bytes.subarray(100_000)],
  ])('is refused when it is %s', async (_what, damage) => {
    const file = await fileWith('a.parquet', damage(await readFile(FLIGHTS)));
    const error = await failure(readRows(file).next());
    expect(error.code).toBe('FILE_DAMAGED');
    expect(error.message).toContain('is no whole Parquet file: fetch or write it again');
  });
});

describe('readRows', () => {
  it.each(['a.csv', 'a.jsonl', 'a.parquet'])('says what to do when %s is missing', async (name) => {
    const file = join(await temporaryFolder(), name);
    const error = await failure(readRows(file).next());
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toContain(`${file} cannot be read: check its path`);
  });

  it('names the formats that it knows', async () => {
    const error = await failure((async () => all(readRows('a.xlsx')))());
    expect(error).toMatchObject({ code: 'FILE_FORMAT_UNKNOWN' });
    expect(error.message).toContain('.csv, .jsonl, .ndjson or .parquet');
  });
});

describe('values', () => {
  it.each([
    ['', null],
    ['0', 0],
    ['-1500', -1500],
    ['0.25', 0.25],
    ['1e-7', 1e-7],
    ['12E3', '12E3'],
    ['1e5', '1e5'],
    ['1.0', '1.0'],
    ['1.10', '1.10'],
    ['-0', '-0'],
    ['+3', '+3'],
    ['1e+21', '1e+21'],
    ['007', '007'],
    ['1e999', '1e999'],
    ['9007199254740993', '9007199254740993'],
    ['NaN', 'NaN'],
    ['0x10', '0x10'],
    [' 1', ' 1'],
    ['.5', '.5'],
  ])('of a cell %j are %j', (text, value) => {
    expect(cellValue(text)).toBe(value);
  });

  it.each([
    ['1.50', 1.5],
    ['12E3', 12_000],
    ['-1e20', -1e20],
    ['+3', 3],
    ['.5', 0.5],
    ['-.5e1', -5],
    ['5.', 5],
    [' 5\t', 5],
    ['.', undefined],
    ['1 000', undefined],
    ['007', undefined],
    ['1e999', undefined],
    ['NaN', undefined],
    ['', undefined],
  ])('that are measured are read of %j as %j', (text, value) => {
    expect(numeralOf(text)).toBe(value);
  });

  it('of columns become plain JSON', () => {
    const at = new Date(Date.UTC(2001, 0, 1));
    expect(
      plainValue({ a: 7n, b: 2n ** 60n, c: at, d: [new Uint8Array([1])], e: undefined, f: NaN }),
    ).toEqual({
      ...{ a: 7, b: '1152921504606846976', c: '2001-01-01T00:00:00Z', d: ['AQ=='] },
      ...{ e: null, f: null },
    });
  });
});
