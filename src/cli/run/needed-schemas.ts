import type { Config } from '../../config/config.ts';
import { openSerde } from '../../schemas/open-serde.ts';
import type { SchemaRegistry } from '../../schemas/schema-registry.ts';
import * as types from '../../schemas/value-types.ts';
import { openTopologySerdes } from '../../streams/worker.ts';
import { namingOf } from '../naming.ts';
import { describedTopologies } from './described-topologies.ts';
import { streamParts } from './stream-parts.ts';
import { streamSerdes } from './stream-serdes.ts';

/** A schema that a run writes by, and the subject that must have it. */
export interface NeededSchema {
  readonly subject: string;
  readonly schema: string;
}

/** Computes all that a configuration needs. */
export type NeededSchemasOf = (config: Config) => Promise<readonly NeededSchema[]>;

/** Takes down what would be registered. */
const notingRegistry = (needed: NeededSchema[]): SchemaRegistry => ({
  async register(subject, schema) {
    const isKnown = needed.some((one) => one.subject === subject && one.schema === schema);
    if (!isKnown) needed.push({ subject, schema });
    return { id: 0, subject, version: 0, schema };
  },
  byId: async () => undefined,
  find: async () => undefined,
  versions: async () => [],
  compatibility: async () => '',
  subjects: async () => [],
});

/**
 * Every schema that a run of this configuration writes by, whatever its roles: found by opening all
 * that a run opens, so that no list of it can fall behind.
 */
export const neededSchemas: NeededSchemasOf = async (config) => {
  const needed: NeededSchema[] = [];
  const registry = notingRegistry(needed);
  const { claimType: claim, commitRecordType: commit, stateBlockType: block } = types;
  const schemas = { registry, openSerde, claim, commit, block, deadLetter: types.deadLetterType };
  for (const stream of config.streams) await streamSerdes(streamParts(config, stream), registry);
  for (const topology of describedTopologies(config)) {
    await openTopologySerdes(schemas, namingOf(config), topology);
  }
  return needed.sort((a, b) => (a.subject < b.subject ? -1 : 1));
};
