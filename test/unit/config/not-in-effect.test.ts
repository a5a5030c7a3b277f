import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import { configNode } from '../../../src/config/schema/config-schema.ts';
import { childOf, entryOf, keysOf, type SchemaNode } from '../../../src/config/schema/walk.ts';
import { ROOT } from '../../support/repository.ts';

const SALES = `streams:
  sales:
    source: { topic: sales, series: store, time: day, value: amount }
    frequency: 1d
`;

const idleOf = (builtIn: string, overrides: readonly string[] = []): readonly string[] =>
  loadConfig({ builtIn, env: {}, overrides }).notInEffect;

/** Everything that the schema says nothing acts on yet. */
const markedIn = (node: SchemaNode, path: string): readonly string[] => {
  if (node.notInEffect !== undefined) return [path];
  const below = entryOf(node) ?? node.items ?? node;
  return keysOf(below).flatMap((key) => markedIn(childOf(below, key) ?? {}, `${path}.${key}`));
};

describe('keys that are not in effect yet', () => {
  it('are these', () => {
    const marked = markedIn(configNode, '');
    expect(marked).toEqual([
      '.http.tokens.scope',
      '.streams.monitoring.stalenessSeconds',
      '.streams.monitoring.latencyP99Seconds',
      '.streams.monitoring.errorRate',
      '.streams.monitoring.groupBy',
      '.streams.batch',
    ]);
  });

  it('are named where a configuration sets them, with where it does', () => {
    const monitoring = '    monitoring: { wapePercent: 20, groupBy: region, errorRate: 0.01 }\n';
    const tokens =
      'http:\n  tokens:\n' +
      "    - { name: a, secret: '0123456789abcdef', scope: read }\n" +
      "    - { name: b, secret: '0123456789abcdeg', scope: promote }\n";
    const batch = "    batch: [{ name: daily, at: '06:00' }]\n";
    expect(idleOf(`${SALES}${monitoring}${batch}${tokens}`)).toEqual([
      'streams.sales.monitoring.groupBy (built-in:5)',
      'streams.sales.monitoring.errorRate (built-in:5)',
      'streams.sales.batch (built-in:6)',
      'http.tokens.1.scope (built-in:8)',
    ]);
    const flag = 'streams.sales.monitoring.stalenessSeconds=60';
    expect(idleOf(SALES, [flag])).toEqual([
      'streams.sales.monitoring.stalenessSeconds (--set streams.sales.monitoring.stalenessSeconds)',
    ]);
  });

  it('are not named where nothing is asked for, and the example asks for none', () => {
    expect(idleOf(SALES)).toEqual([]);
    expect(idleOf(`${SALES}    batch: []\n`)).toEqual([]);
    const example = loadConfig({ file: join(ROOT, 'tidecast.example.yaml'), env: {} });
    expect(example.notInEffect).toEqual([]);
  });
});
