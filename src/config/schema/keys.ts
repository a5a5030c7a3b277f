import Type, {
  type TInteger,
  type TObject,
  type TSchema,
  type TString,
  type TUnsafe,
} from 'typebox';

/** What a key means, for people: every key has one, and docs/configuration.md is made of them. */
export interface Meaning {
  readonly description: string;
  /** What holds when the key is left out and the schema alone cannot say, in words. */
  readonly otherwise?: string;
}

/** A key that is agreed and checked, and on which nothing acts yet. */
export const notYet = <Options extends Meaning>(
  options: Options,
): Options & { readonly notInEffect: true } => ({
  ...options,
  description: `Not in effect yet. ${options.description}`,
  notInEffect: true,
});

/** An object in which every key is known: a slip of the pen is refused, never ignored. */
export const section = <Keys extends Record<string, TSchema>>(
  keys: Keys,
  options: { readonly description: string; readonly default?: object },
): TObject<Keys> => Type.Object(keys, { ...options, additionalProperties: false });

/** A section that may be left out as a whole, since each of its keys has a default. */
export const optionalSection = <Keys extends Record<string, TSchema>>(
  keys: Keys,
  description: string,
): TObject<Keys> => section(keys, { description, default: {} });

/** One word of a fixed list. */
export const choice = <const Words extends readonly string[]>(
  words: Words,
  options: Meaning & {
    readonly default?: Words[number];
    /** Words on which nothing acts yet. */
    readonly notInEffect?: readonly Words[number][];
  },
): TUnsafe<Words[number]> =>
  Type.Unsafe<Words[number]>({ type: 'string', enum: [...words], ...options });

/** A text in one of the formats of `FORMATS`. */
export const text = (
  format: 'duration' | 'frequency' | 'time-zone' | 'instant' | 'instant-or-now',
  options: Meaning & { readonly default?: string },
): TString => Type.String({ format, ...options });

/** A whole number of at least one. */
export const count = (
  options: Meaning & { readonly default?: number; readonly maximum?: number },
): TInteger => Type.Integer({ minimum: 1, ...options });

/** A text that is not empty. */
export const name = (options: Meaning & { readonly default?: string }): TString =>
  Type.String({ minLength: 1, ...options });
