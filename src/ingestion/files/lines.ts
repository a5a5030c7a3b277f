import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { FileError, unreadable } from '../errors.ts';
import { ROWS_PER_BATCH, type Row } from './row.ts';

/** Above it a line is no event: a file without line breaks would otherwise fill the memory. */
const LINE_LENGTH_MAX = 16 << 20;

const BYTE_ORDER_MARK = /^\ufeff/;

interface Pending {
  readonly lines: string[];
  /** Of the lines that have ended, those handed on included. */
  count: number;
  rest: string;
}

const split = (pending: Pending, text: string): void => {
  const parts = (pending.rest + text).split('\n');
  pending.rest = parts.pop() ?? '';
  const [first] = parts;
  if (pending.count === 0 && first !== undefined) parts[0] = first.replace(BYTE_ORDER_MARK, '');
  pending.count += parts.length;
  for (const part of parts) {
    pending.lines.push(part.endsWith('\r') ? part.slice(0, -1) : part);
  }
};

const assertBounded = (file: string, { rest, count }: Pending): void => {
  if (rest.length <= LINE_LENGTH_MAX) return;
  throw new FileError(
    'FILE_DAMAGED',
    `${file}: JSON line ${count + 1} is longer than ${LINE_LENGTH_MAX >> 20} MB: write one ` +
      'object a line',
  );
};

/** The lines of a file as they stand, empty ones too, so that they can be counted; in batches. */
export async function* fileLines(file: string): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  const pending: Pending = { lines: [], count: 0, rest: '' };
  try {
    for await (const bytes of createReadStream(file)) {
      // A stream without an encoding yields buffers.
      split(pending, decoder.write(bytes as Buffer));
      assertBounded(file, pending);
      while (pending.lines.length >= ROWS_PER_BATCH) yield pending.lines.splice(0, ROWS_PER_BATCH);
    }
  } catch (error) {
    throw error instanceof FileError ? error : unreadable(file, error);
  }
  pending.rest += decoder.end();
  if (pending.rest !== '') split(pending, '\n');
  if (pending.lines.length > 0) yield pending.lines;
}

const rowOf = (file: string, number: number, line: string): Row => {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw new FileError('FILE_DAMAGED', `${file}: JSON line ${number} cannot be read`, cause);
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) {
    // An object from JSON has texts for keys.
    return row as Row;
  }
  throw new FileError('FILE_DAMAGED', `${file}: JSON line ${number} is no object`);
};

/** Rows of a file with one JSON object a line, in batches. */
export async function* jsonRows(file: string): AsyncGenerator<readonly Row[]> {
  let count = 0;
  for await (const lines of fileLines(file)) {
    const before = count;
    yield lines.flatMap((line, index) =>
      line === '' ? [] : [rowOf(file, before + index + 1, line)],
    );
    count += lines.length;
  }
}
