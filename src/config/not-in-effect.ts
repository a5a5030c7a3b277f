import { isPlainMap } from './plain-map.ts';
import { childOf, type SchemaNode } from './schema/walk.ts';

type Path = readonly string[];

const isIdle = ({ notInEffect }: SchemaNode, value: unknown): boolean => {
  if (notInEffect !== true) return notInEffect?.includes(value) ?? false;
  // An empty list asks for nothing.
  return !Array.isArray(value) || value.length > 0;
};

/** Paths of what a configuration asks for, before defaults fill it in, and nothing does yet. */
export const notInEffect = (node: SchemaNode, value: unknown, path: Path = []): readonly Path[] => {
  if (isIdle(node, value)) return [path];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      notInEffect(node.items ?? {}, item, [...path, `${index}`]),
    );
  }
  if (!isPlainMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    notInEffect(childOf(node, key) ?? {}, inner, [...path, key]),
  );
};
