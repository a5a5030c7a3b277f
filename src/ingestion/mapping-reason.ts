/** Why a raw event is none: stable codes of dead letters. */
export const MAPPING_REASONS = [
  'VALUE_EMPTY',
  'VALUE_NOT_JSON',
  'VALUE_NOT_AN_OBJECT',
  'SERIES_MISSING',
  'SERIES_INVALID',
  'SERIES_TOO_LONG',
  'TIME_MISSING',
  'TIME_INVALID',
  'TIME_OUT_OF_RANGE',
  'TIME_AHEAD',
  'VALUE_MISSING',
  'VALUE_NOT_A_NUMBER',
  'VALUE_OUT_OF_RANGE',
  'ID_MISSING',
  'ATTRIBUTE_INVALID',
  'ATTRIBUTE_TOO_LONG',
] as const;

export type MappingReason = (typeof MAPPING_REASONS)[number];

/** Bad data is a value: what is wrong, for programs and for people. */
export interface Refusal {
  readonly ok: false;
  readonly reason: MappingReason;
  readonly detail: string;
}

const SHOWN_LENGTH_MAX = 60;

export const refusal = (reason: MappingReason, detail: string): Refusal => ({
  ok: false,
  reason,
  detail,
});

/** A value of JSON as far as a message needs it. */
export const excerpt = (value: unknown): string => {
  const text =
    typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
};
