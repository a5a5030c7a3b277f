import { canonicalJson } from '../core/canonical-json.ts';
import {
  featureSchemaHash,
  featureSchemaText,
  type FeatureSchema,
  type FeatureTerm,
} from '../schemas/feature-schema.ts';
import { parseProfile, type ErrorProfile } from './error-profile.ts';
import { ModelError } from './errors.ts';

/**
 * Names under which an ONNX model carries what it agrees with; a foreign model that keeps to them
 * is served alike.
 */
export const METADATA = {
  featureSchema: 'tidecast.feature_schema',
  horizon: 'tidecast.horizon',
  strategy: 'tidecast.strategy',
  transform: 'tidecast.transform',
  missing: 'tidecast.missing',
  members: 'tidecast.members',
  errors: 'tidecast.errors',
} as const;

export type Strategy = 'direct' | 'per-step' | 'recursive';
const STRATEGIES: readonly Strategy[] = ['direct', 'per-step', 'recursive'];

/** What an artifact says of itself. */
export interface ArtifactMetadata {
  readonly featureSchema: FeatureSchema;
  readonly horizon: number;
  readonly strategy: Strategy;
  /** How outputs become means: `none`, for a graph that does it itself. */
  readonly transform: string;
  /** How a missing feature reaches the graph. */
  readonly missing: 'nan' | 'zero';
  /** Of an average: what its members are, for people to read. */
  readonly members?: readonly string[];
}

const MEMBER_SEPARATOR = ', ';

export const metadataEntries = (metadata: ArtifactMetadata): ReadonlyMap<string, string> =>
  new Map([
    [METADATA.featureSchema, featureSchemaText(metadata.featureSchema)],
    [METADATA.horizon, String(metadata.horizon)],
    [METADATA.strategy, metadata.strategy],
    [METADATA.transform, metadata.transform],
    [METADATA.missing, metadata.missing],
    ...(metadata.members === undefined
      ? []
      : [[METADATA.members, metadata.members.join(MEMBER_SEPARATOR)] as const]),
  ]);

const required = (entries: ReadonlyMap<string, string>, key: string): string => {
  const value = entries.get(key);
  if (value !== undefined) return value;
  throw new ModelError(
    'MODEL_METADATA_MISSING',
    `The model has no metadata "${key}": write it where the model is exported, ` +
      'then register it again',
  );
};

const unusable = (key: string, value: string): ModelError =>
  new ModelError(
    'MODEL_METADATA_UNUSABLE',
    `The model's metadata "${key}" is "${value}", which cannot be used: export it again`,
  );

const parseSchema = (text: string): FeatureSchema => {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(
      'MODEL_METADATA_UNUSABLE',
      `The model's metadata "${METADATA.featureSchema}" is no JSON: export it again`,
      { cause },
    );
  }
  const isSchema =
    typeof schema === 'object' &&
    schema !== null &&
    'terms' in schema &&
    Array.isArray(schema.terms);
  if (!isSchema) throw unusable(METADATA.featureSchema, text.slice(0, 80));
  // Whatever else it says, it is only ever hashed and compared with a schema of our own.
  return schema as FeatureSchema;
};

const membersIn = (entries: ReadonlyMap<string, string>): Pick<ArtifactMetadata, 'members'> => {
  const members = entries.get(METADATA.members);
  return members === undefined ? {} : { members: members.split(MEMBER_SEPARATOR) };
};

/** What somebody found of its errors; undefined where nobody did. */
export const errorsIn = (
  entries: ReadonlyMap<string, string>,
  schema: FeatureSchema,
): ErrorProfile | undefined => {
  const errors = entries.get(METADATA.errors);
  return errors === undefined ? undefined : parseProfile(errors, schema);
};

export const parseMetadata = (entries: ReadonlyMap<string, string>): ArtifactMetadata => {
  const horizon = Number(required(entries, METADATA.horizon));
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw unusable(METADATA.horizon, required(entries, METADATA.horizon));
  }
  const named = required(entries, METADATA.strategy);
  const strategy = STRATEGIES.find((one) => one === named);
  if (strategy === undefined) throw unusable(METADATA.strategy, named);
  const missing = entries.get(METADATA.missing) ?? 'nan';
  if (missing !== 'nan' && missing !== 'zero') throw unusable(METADATA.missing, missing);
  return {
    featureSchema: parseSchema(required(entries, METADATA.featureSchema)),
    horizon,
    strategy,
    transform: entries.get(METADATA.transform) ?? 'none',
    missing,
    ...membersIn(entries),
  };
};

/** Terms of each side that a message shows: a stream may have hundreds that a model has not. */
const TERMS_SHOWN = 3;

const PROPERTIES = ['version', 'frequency', 'timeZone', 'holidays', 'seasons', 'horizon'] as const;

/** What one side alone has, the first of them by name. */
const onlyIn = (
  side: string,
  terms: readonly FeatureTerm[],
  others: readonly FeatureTerm[],
): string[] => {
  const known = new Set(others.map((term) => canonicalJson(term)));
  const only = terms.map((term) => canonicalJson(term)).filter((term) => !known.has(term));
  if (only.length === 0) return [];
  const shown = only.slice(0, TERMS_SHOWN);
  const more = only.length - shown.length;
  const rest = more === 0 ? '' : ` and ${more} more`;
  return [`only in the ${side}: ${shown.join(', ')}${rest}`];
};

/**
 * What one schema says and the other does not, in words for a person: properties first, since each
 * of them changes terms too.
 */
export const schemaDifferences = (model: FeatureSchema, stream: FeatureSchema): string[] => {
  const differences = PROPERTIES.flatMap((name) => {
    const [one, other] = [JSON.stringify(model[name]), JSON.stringify(stream[name])];
    return one === other ? [] : [`${name}: ${one} in the model, ${other} in the stream`];
  });
  differences.push(
    ...onlyIn('model', model.terms, stream.terms),
    ...onlyIn('stream', stream.terms, model.terms),
  );
  return differences.length > 0 ? differences : ['the order of the terms'];
};

/** Whether a model was trained on other features than the stream has: no try will be different. */
export const isSchemaMismatch = (failure: unknown): failure is ModelError =>
  failure instanceof ModelError && failure.code === 'MODEL_SCHEMA_MISMATCH' && !failure.retriable;

/** Refuses a model whose features are not those of the stream; the message names what differs. */
export const requireSchema = (model: FeatureSchema, stream: FeatureSchema): void => {
  if (featureSchemaHash(model) === featureSchemaHash(stream)) return;
  throw new ModelError(
    'MODEL_SCHEMA_MISMATCH',
    'The model was trained on other features; train it again, or configure the stream as it was ' +
      `(${schemaDifferences(model, stream).join('; ')})`,
  );
};
