import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationReference } from '../../../src/config/reference.ts';
import { configNode } from '../../../src/config/schema/config-schema.ts';
import type { SchemaNode } from '../../../src/config/schema/walk.ts';
import { ROOT, textOf } from '../../support/repository.ts';

const DOCUMENT = 'docs/configuration.md';

interface Key {
  readonly path: string;
  readonly node: SchemaNode;
}

const keysBelow = (node: SchemaNode, path: string): Key[] =>
  [
    ...Object.entries(node.properties ?? {}),
    ...Object.values(node.patternProperties ?? {}).map((entry) => ['<name>', entry] as const),
    ...(node.items === undefined ? [] : [['[]', node.items] as const]),
    ...(node.anyOf ?? []).map((branch, index) => [`|${index}`, branch] as const),
  ].flatMap(([key, child]) => [
    { path: `${path}.${key}`, node: child },
    ...keysBelow(child, `${path}.${key}`),
  ]);

describe('docs/configuration.md', () => {
  it('is what the schema says (UPDATE_GOLDEN=1 writes it anew)', () => {
    const reference = configurationReference();
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(`${ROOT}${DOCUMENT}`, reference);
    expect(textOf(DOCUMENT)).toBe(reference);
  });

  it('has a meaning for each of the keys', () => {
    const keys = keysBelow(configNode, '').filter(({ path }) => !/(\|\d|\[\])$/.test(path));
    expect(keys.length).toBeGreaterThan(90);
    const silent = keys.filter(({ node }) => (node.description ?? '').length < 6);
    expect(silent.map(({ path }) => path)).toEqual([]);
  });
});
