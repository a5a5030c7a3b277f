/** A row of a file as plain JSON values, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows that are handed on at once: enough to make a batch cheap, few enough for flat memory. */
export const ROWS_PER_BATCH = 1_000;

const NUMERAL = /^[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * A cell of text as a value: empty is null, and a number is one where nothing of the text is lost.
 * `12E3`, `1.10` and `007` stay texts, since they may be names, and two names never become one.
 */
export const cellValue = (text: string): string | number | null => {
  if (text === '') return null;
  if (!NUMERAL.test(text)) return text;
  const value = Number(text);
  const isExact = !Number.isInteger(value) || Number.isSafeInteger(value);
  return isExact && String(value) === text ? value : text;
};

/**
 * The number that a text stands for, where a number is wanted and not a name: `1.50`, `.5`, ` 5`,
 * `12E3`, and whole numbers that float64 rounds. undefined: for none that is finite.
 */
export const numeralOf = (text: string): number | undefined => {
  const number = NUMERAL.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
};

/** Midnight and whole seconds need no fraction. */
const withoutZeros = (iso: string): string => iso.replace('.000Z', 'Z');

/** A value of a column file as JSON: times as ISO 8601, long integers and bytes as texts. */
export const plainValue = (value: unknown): unknown => {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  // JSON has no NaN, which column files write for what is missing.
  if (value === undefined || Number.isNaN(value)) return null;
  if (value instanceof Date) return withoutZeros(value.toISOString());
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]));
};
