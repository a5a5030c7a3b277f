import type { Output } from './io.ts';

/** One line of JSON. */
export const printJson = (to: Output, value: unknown): Promise<void> =>
  to.write(`${JSON.stringify(value)}\n`);

export const printLine = (to: Output, text: string): Promise<void> => to.write(`${text}\n`);

type Cell = string | number;

const widthsOf = (rows: readonly (readonly Cell[])[]): readonly number[] => {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
    }
  }
  return widths;
};

/** Columns under their names: numbers to the right, the rest to the left. */
export const printTable = async (
  to: Output,
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<void> => {
  const widths = widthsOf([header, ...rows]);
  const isNumeric = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const line = (row: readonly Cell[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const text = String(cell);
        return isNumeric[column] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  await printLine(to, [header, ...rows].map(line).join('\n'));
};

/** `2001-01-01T00:00:00Z`: a time for people, to the second. */
export const isoTime = (timeMs: number): string =>
  `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
