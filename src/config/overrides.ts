import { parse } from 'yaml';
import { ConfigError } from './errors.ts';
import { isPlainMap, type PlainMap } from './plain-map.ts';
import { childOf, entryOf, keysOf, takesText, type SchemaNode } from './schema/walk.ts';
import { didYouMean } from './suggestion.ts';

/** A value from outside of the file, and where it came from. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** For messages: `TIDECAST_HTTP_PORT`, `--set http.port`. */
  readonly origin: string;
}

const PREFIX = 'TIDECAST_';
/** Names that are ours but no keys: the file itself, and the harness of the tests. */
const RESERVED = /^TIDECAST_(CONFIG|TEST_.*)$/;
/** Kubernetes adds these for a service that is called tidecast. */
const SERVICE_LINK =
  /^TIDECAST_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;

/** `maxAhead` → `MAX_AHEAD`, `my-stream` → `MY_STREAM`. */
export const environmentName = (key: string): string =>
  key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();

const readValue = (node: SchemaNode, text: string, origin: string): unknown => {
  // As it stands: a password may look like anything, `~` and `{` included.
  if (node.type === 'string') return text;
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    if (takesText(node)) return text;
    // Neither the text nor what YAML says of it, which quotes it: it may hold a password.
    throw new ConfigError(`${origin}: cannot be read as YAML: check brackets and quotes`);
  }
  return takesText(node) && typeof value !== 'object' ? text : value;
};

interface Place {
  readonly node: SchemaNode;
  readonly path: readonly string[];
}

/** The keys that may come next: known ones, or the names that the file declares. */
const namesBelow = (node: SchemaNode, data: unknown): readonly string[] =>
  entryOf(node) === undefined ? keysOf(node) : Object.keys(isPlainMap(data) ? data : {});

/** Every path whose environment name is `rest`; stream names and keys may themselves hold `_`. */
const placesOf = (place: Place, data: unknown, rest: string): readonly Place[] => {
  if (rest === '') return [place];
  const found: Place[] = [];
  for (const key of namesBelow(place.node, data)) {
    const token = environmentName(key);
    const isNext = rest === token || rest.startsWith(`${token}_`);
    const node = isNext ? childOf(place.node, key) : undefined;
    if (node === undefined) continue;
    const below = isPlainMap(data) ? data[key] : undefined;
    found.push(
      ...placesOf({ node, path: [...place.path, key] }, below, rest.slice(token.length + 1)),
    );
  }
  return found;
};

/** All names that a variable may have, for suggestions and for the documentation. */
const environmentNames = (root: SchemaNode, data: PlainMap): readonly string[] => {
  const names: string[] = [];
  const visit = (node: SchemaNode, below: unknown, name: string): void => {
    const keys = namesBelow(node, below);
    if (keys.length === 0 && entryOf(node) === undefined) names.push(name);
    for (const key of keys) {
      const child = childOf(node, key);
      const value = isPlainMap(below) ? below[key] : undefined;
      if (child !== undefined) visit(child, value, `${name}_${environmentName(key)}`);
    }
  };
  for (const key of keysOf(root)) {
    const child = childOf(root, key);
    if (child !== undefined) visit(child, data[key], PREFIX + environmentName(key));
  }
  return names;
};

/** What the environment says: `TIDECAST_STREAMS_DEPARTURES_GRACE=5m`. */
export const environmentOverrides = (
  env: Readonly<Record<string, string | undefined>>,
  root: SchemaNode,
  data: PlainMap,
): readonly Override[] => {
  const overrides: Override[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(PREFIX) || RESERVED.test(variable)) continue;
    const [place, ...others] = placesOf({ node: root, path: [] }, data, variable.slice(9));
    if (place === undefined) {
      if (SERVICE_LINK.test(variable)) continue;
      throw new ConfigError(
        `${variable}: no such key${didYouMean(variable, environmentNames(root, data))}; streams ` +
          'must be declared in the file before a variable can change them',
      );
    }
    if (others.length > 0) {
      throw new ConfigError(`${variable}: could mean several keys; use --set instead`);
    }
    overrides.push({
      path: place.path,
      value: readValue(place.node, text, variable),
      origin: variable,
    });
  }
  return overrides;
};

/** What flags say: `--set streams.departures.grace=5m`. */
export const flagOverrides = (
  assignments: readonly string[],
  root: SchemaNode,
): readonly Override[] =>
  assignments.map((assignment) => {
    const [, joined, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (joined === undefined || text === undefined) {
      const [named = ''] = /^[\w.-]*/.exec(assignment) ?? [];
      throw new ConfigError(`--set ${named}: write it as path=value, such as http.port=8080`);
    }
    const path = joined.split('.');
    const origin = `--set ${joined}`;
    let node: SchemaNode = root;
    for (const key of path) {
      const child = childOf(node, key);
      if (child === undefined) {
        throw new ConfigError(`${origin}: no key "${key}"${didYouMean(key, keysOf(node))}`);
      }
      node = child;
    }
    return { path, value: readValue(node, text, origin), origin };
  });
