import { expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLog } from '../../../src/log/memory/memory-log.ts';
import { openSerde } from '../../../src/schemas/open-serde.ts';
import { MemorySchemaRegistry } from '../../../src/schemas/registry/memory-schema-registry.ts';
import { commitRecordType } from '../../../src/schemas/value-types.ts';
import { beginAt } from '../../../src/streams/begin-at.ts';
import type { Topology } from '../../../src/streams/topology.ts';

const TOPOLOGY: Topology = {
  name: 'read',
  stream: 'shop',
  summary: 'reads',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [],
  sinks: [],
  partitions: 1,
  start: () => {
    throw new Error('nothing runs here');
  },
};

it.each(['begin', 'send', 'commit'] as const)(
  'lets go of its producer when %s fails',
  async (at) => {
    const closed: string[] = [];
    const log = memoryLog({
      clock: systemClock,
      faults: ({ call, moment, subject }) => {
        if (call === 'close') closed.push(`${moment} ${subject}`);
        if (call === at && moment === 'before') throw new Error(`no ${at}`);
      },
    });
    const changelog = 'test.shop.read.changelog';
    await log.ensureTopics([{ name: changelog, partitions: 1, cleanup: 'compact' }]);
    const serde = await openSerde(
      new MemorySchemaRegistry(),
      `${changelog}.commit`,
      commitRecordType,
    );
    const naming = { application: 'test', topicPrefix: '' };
    const beginning = beginAt({ log, naming, topology: TOPOLOGY, serde }, () => []);
    await expect(beginning).rejects.toThrow(`no ${at}`);
    expect(closed).toEqual(['before test.shop.read.0', 'after test.shop.read.0']);
  },
);
