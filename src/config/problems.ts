import type { ErrorObject } from 'ajv';
import { FORMATS } from './schema/formats.ts';
import type { SchemaNode } from './schema/walk.ts';
import { didYouMean } from './suggestion.ts';

/** One thing that is wrong, at one key. */
export interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** What a message repeats of a list, in characters. */
const LIST_MAX = 60;

const shown = (value: unknown): string => {
  if (Array.isArray(value)) {
    const text = JSON.stringify(value);
    return text.length > LIST_MAX ? `a list of ${value.length}` : text;
  }
  if (typeof value === 'object' && value !== null) return 'a section';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
};

/** The schema beside the failing keyword; ajv hands it over in verbose mode. */
const schemaOf = ({ parentSchema }: ErrorObject): SchemaNode =>
  // Every schema here was made in ./schema, of the keywords that SchemaNode lists.
  (parentSchema ?? {}) as SchemaNode;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a section',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

const unknownKey = (error: ErrorObject, key: string): string => {
  const { properties, patternProperties } = schemaOf(error);
  if (properties === undefined && patternProperties !== undefined) {
    return 'a name is lower case letters, digits and dashes, and begins with a letter';
  }
  const known = Object.keys(properties ?? {});
  const hint = didYouMean(key, known);
  return hint === '' ? `unknown key; known here: ${known.join(', ')}` : `unknown key${hint}`;
};

const missingKey = (error: ErrorObject, key: string): string => {
  const description = schemaOf(error).properties?.[key]?.description ?? '';
  return `missing: ${description}`;
};

const outOfList = (error: ErrorObject): string => {
  const words = (schemaOf(error).enum ?? []).map(String);
  const hint = didYouMean(String(error.data), words);
  return `must be one of ${words.join(', ')}; is ${shown(error.data)}${hint}`;
};

const badText = (error: ErrorObject): string => {
  const judge = FORMATS[schemaOf(error).format ?? ''];
  return judge?.(String(error.data)) ?? misfit(error);
};

/** The name that an error speaks of beyond its path: an unknown or a missing key. */
const keyIn = ({ params }: ErrorObject): string | undefined => {
  // Every ajv error has params; what is in them depends on the keyword.
  const { additionalProperty, missingProperty } = params as Readonly<Record<string, unknown>>;
  const key = additionalProperty ?? missingProperty;
  return typeof key === 'string' ? key : undefined;
};

const otherType = (error: ErrorObject): string =>
  `must be ${TYPE_NAMES[schemaOf(error).type ?? ''] ?? 'of another type'}, is ${shown(error.data)}`;

const misfit = (error: ErrorObject): string =>
  `${shown(error.data)} does not fit: ${schemaOf(error).description ?? ''}`;

const bounds = ({ minItems, maxItems }: SchemaNode): string => {
  if (maxItems === undefined) return `at least ${minItems ?? 0}`;
  return `${minItems ?? 0} to ${maxItems}`;
};

const otherCount = (error: ErrorObject): string =>
  `must have ${bounds(schemaOf(error))} entries; is ${shown(error.data)}`;

/** How each keyword speaks to people; the others speak for themselves. */
const WORDS: Readonly<Record<string, (error: ErrorObject) => string>> = {
  additionalProperties: (error) => unknownKey(error, keyIn(error) ?? ''),
  required: (error) => missingKey(error, keyIn(error) ?? ''),
  type: otherType,
  enum: outOfList,
  format: badText,
  pattern: misfit,
  anyOf: misfit,
  minItems: otherCount,
  maxItems: otherCount,
  uniqueItems: (error) => `must not name anything twice; is ${shown(error.data)}`,
};

const messageOf = (error: ErrorObject): string =>
  WORDS[error.keyword]?.(error) ?? `${error.message ?? error.keyword}; is ${shown(error.data)}`;

/**
 * Of an alternative that failed, what its branches say in particular; only when they say nothing
 * but "another type" does the alternative speak for itself.
 */
const pertinent = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const alternatives = errors.filter(({ keyword }) => keyword === 'anyOf');
  const isTypeOf = (error: ErrorObject, { instancePath }: ErrorObject): boolean =>
    error.keyword === 'type' && error.instancePath === instancePath;
  const hasSpecific = (alternative: ErrorObject): boolean =>
    errors.some(
      (error) =>
        error.keyword !== 'anyOf' &&
        error.instancePath.startsWith(alternative.instancePath) &&
        !isTypeOf(error, alternative),
    );
  return errors.filter((error) =>
    error.keyword === 'anyOf'
      ? !hasSpecific(error)
      : !alternatives.some((alternative) => isTypeOf(error, alternative)),
  );
};

/** Keys of secrets, and whole sections that hold one where a text stands in their place. */
const MAY_HOLD_SECRET =
  /^\/(kafka|http)$|\/(secret|password|sasl|registry|registryAuth|tokens|tokens\/\d+)$/;

/** Messages go to logs and terminals; secrets do not. */
const withoutSecret = (error: ErrorObject): ErrorObject =>
  MAY_HOLD_SECRET.test(error.instancePath) ? { ...error, data: '***' } : error;

/** What ajv found, in words for the person who wrote the file. */
export const problemsOf = (errors: readonly ErrorObject[]): readonly Problem[] =>
  pertinent(errors).map((error) => {
    const key = keyIn(error);
    const path = pathOf(error.instancePath);
    const message = messageOf(withoutSecret(error));
    return { path: key === undefined ? path : [...path, key], message };
  });
