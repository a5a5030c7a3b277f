import { excerpt, refusal, type Refusal } from './mapping-reason.ts';

/** Lone surrogates, and what decoders leave where bytes were no UTF-8: two ids could become one. */
const ILL_FORMED = /[\p{Cs}\uFFFD]/u;
/** At most so many bytes of UTF-8 for each UTF-16 unit. */
const BYTES_PER_UNIT_MAX = 3;

const isTooLong = (text: string, bytesMax: number): boolean =>
  text.length * BYTES_PER_UNIT_MAX > bytesMax && Buffer.byteLength(text) > bytesMax;

/**
 * Texts stand for themselves and numbers for their digits, unless two of them may share these;
 * undefined for all else.
 */
const asText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
};

/** What is wrong with what is no id. */
const notAnId = (value: unknown, otherwise: string): string =>
  Number.isInteger(value)
    ? `${excerpt(value)} is beyond 2^53, where digits are lost: write it as a text`
    : `${excerpt(value)} is ${otherwise}`;

/** Reads the id of a series; keys that begin with NUL are watermarks, so no series may. */
export const readSeries = (value: unknown, bytesMax: number): string | Refusal => {
  if (value === undefined || value === null || value === '') {
    return refusal('SERIES_MISSING', 'the event names no series');
  }
  const text = asText(value);
  if (text === undefined) {
    return refusal('SERIES_INVALID', notAnId(value, 'neither a text nor a finite number'));
  }
  if (isTooLong(text, bytesMax)) {
    return refusal('SERIES_TOO_LONG', `${Buffer.byteLength(text)} bytes, ${bytesMax} are allowed`);
  }
  if (text.charCodeAt(0) === 0 || ILL_FORMED.test(text)) {
    return refusal('SERIES_INVALID', 'it begins with NUL or is no well-formed Unicode');
  }
  return text;
};

/** Reads the id by which repetitions of an event are known. */
export const readId = (value: unknown, bytesMax: number): string | Refusal => {
  const text = asText(value);
  if (text === undefined || text === '' || isTooLong(text, bytesMax)) {
    return refusal('ID_MISSING', notAnId(value, `no id of at most ${bytesMax} bytes`));
  }
  return text;
};

/** Reads an attribute; undefined when the event does not have it. */
export const readAttribute = (value: unknown, bytesMax: number): string | Refusal | undefined => {
  if (value === undefined || value === null) return undefined;
  const isPlain = typeof value === 'string' || typeof value === 'boolean';
  if (!isPlain && !(typeof value === 'number' && Number.isFinite(value))) {
    return refusal('ATTRIBUTE_INVALID', `${excerpt(value)} is no text, number or boolean`);
  }
  const text = String(value);
  if (!isTooLong(text, bytesMax)) return text;
  return refusal('ATTRIBUTE_TOO_LONG', `${Buffer.byteLength(text)} bytes, ${bytesMax} are allowed`);
};
