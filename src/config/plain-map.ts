import { ConfigError } from './errors.ts';

/** What YAML makes of a mapping. */
export type PlainMap = Record<string, unknown>;

export const isPlainMap = (value: unknown): value is PlainMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Puts a value at a path, making the maps on the way. */
export const setIn = (root: PlainMap, path: readonly string[], value: unknown): void => {
  if (path.includes('__proto__')) throw new ConfigError(`no key "__proto__" in ${path.join('.')}`);
  let map = root;
  for (const key of path.slice(0, -1)) {
    const next = (Object.hasOwn(map, key) ? map[key] : undefined) ?? {};
    if (!isPlainMap(next)) {
      throw new ConfigError(
        `${path.join('.')}: "${key}" is no section, so nothing can be set in it`,
      );
    }
    map[key] = next;
    map = next;
  }
  const last = path.at(-1);
  if (last !== undefined) map[last] = value;
};
