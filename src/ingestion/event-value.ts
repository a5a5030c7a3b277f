import { valueRefusal } from '../schemas/observation.ts';
import { numeralOf } from './files/row.ts';
import { excerpt, refusal, type Refusal } from './mapping-reason.ts';

/** How files write that a value is not known. */
const UNKNOWN = new Set(['NA', 'N/A', '#N/A', 'NAN', 'NULL', 'NONE', '-', '']);

const plain = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  return numeralOf(value) ?? (UNKNOWN.has(value.trim().toUpperCase()) ? null : value);
};

/** Reads a measured value, a number or a text that stands for one; null is known to be missing. */
export const readValue = (value: unknown): number | null | Refusal => {
  const number = plain(value);
  if (number === null) return number;
  if (typeof number === 'number') {
    const refused = valueRefusal(number);
    return refused === undefined ? number : refusal(refused.reason, refused.detail);
  }
  return value === undefined
    ? refusal('VALUE_MISSING', 'the event has no value; write null where it is known to be missing')
    : refusal('VALUE_NOT_A_NUMBER', `${excerpt(value)} is no finite number`);
};
