import { describe, expect, it } from 'vitest';
import {
  topicDifferences,
  type FoundTopic,
  type Replication,
} from '../../../../src/log/kafka/topic-comparison.ts';
import { configEntriesOf } from '../../../../src/log/kafka/topic-configs.ts';
import type { TopicDefinition } from '../../../../src/schemas/topic.ts';

const CHANGELOG: TopicDefinition = { name: 'c', partitions: 4, cleanup: 'compact' };
const KEPT: TopicDefinition = { name: 'k', partitions: 4, cleanup: 'keep' };
const DELETED: TopicDefinition = { ...KEPT, cleanup: 'delete', retentionMs: 1_000 };

interface Bent extends Partial<Omit<FoundTopic, 'configs'>> {
  readonly configs?: Readonly<Record<string, string>>;
}

/** A topic as it was made, and then bent. */
const found = (definition: TopicDefinition, { configs = {}, ...bent }: Bent = {}): FoundTopic => {
  const made = configEntriesOf(definition, 1).map(({ name, value }) => [name, value] as const);
  return {
    ...{ partitions: definition.partitions, replicas: 1, isTruncated: false },
    configs: new Map([...made, ...Object.entries(configs)]),
    ...bent,
  };
};

const settingsOf = (
  definition: TopicDefinition,
  bent: Bent,
  replication: Replication = {},
): readonly string[] =>
  topicDifferences(definition, found(definition, bent), replication).map(
    ({ setting, needed, found: has, isRepairable }) =>
      `${setting}: ${has}, not ${needed}${isRepairable ? '' : ', for ever'}`,
  );

describe('a topic', () => {
  it.each([
    [CHANGELOG, {}, []],
    [CHANGELOG, { partitions: 8 }, ['partitions: 8, not 4, for ever']],
    [
      CHANGELOG,
      { configs: { 'cleanup.policy': 'delete' } },
      ['cleanup.policy: delete, not compact'],
    ],
    [
      CHANGELOG,
      { configs: { 'cleanup.policy': 'delete,compact' }, isTruncated: true },
      ['cleanup.policy: delete,compact, not compact, for ever'],
    ],
    [
      CHANGELOG,
      { configs: { 'delete.retention.ms': '86400000' } },
      ['delete.retention.ms: 86400000, not 604800000'],
    ],
    // Nothing is deleted from it by age.
    [CHANGELOG, { configs: { 'retention.ms': '1' }, isTruncated: true }, []],
    [KEPT, { configs: { 'retention.ms': '1000' } }, ['retention.ms: 1000, not -1']],
    [KEPT, { configs: { 'retention.bytes': '1' } }, ['retention.bytes: 1, not -1']],
    [KEPT, { configs: { 'delete.retention.ms': '1' }, isTruncated: true }, []],
    [DELETED, { configs: { 'retention.ms': '999' } }, ['retention.ms: 999, not 1000']],
    [DELETED, { configs: { 'retention.ms': '1001' } }, []],
    [DELETED, { configs: { 'retention.ms': '-1' } }, []],
    [
      DELETED,
      { configs: { 'message.timestamp.type': 'CreateTime' } },
      ['message.timestamp.type: CreateTime, not LogAppendTime'],
    ],
    [
      { ...DELETED, cleanup: 'compact,delete' as const },
      { configs: { 'cleanup.policy': 'delete,compact' } },
      [],
    ],
    [
      DELETED,
      { configs: { 'max.message.bytes': '1048588' } },
      ['max.message.bytes: 1048588, not 9437184'],
    ],
  ])('%o found %o differs in %j', (definition, bent, settings) => {
    expect(settingsOf(definition, bent)).toEqual(settings);
  });

  it.each([
    [{ replicas: 1 }, {}, []],
    // One may fail without holding up all, and no acknowledged record is lost with it.
    [{ replicas: 3 }, {}, ['min.insync.replicas: 1, not 2']],
    [{ replicas: 3 }, { inSyncReplicas: 1 }, []],
    [{ replicas: 3, configs: { 'min.insync.replicas': '3' } }, { inSyncReplicas: 2 }, []],
    [{ replicas: 2 }, { replicas: 3 }, ['replication.factor: 2, not 3, for ever']],
    [{ replicas: 3, configs: { 'min.insync.replicas': '2' } }, { replicas: 2 }, []],
    // Nobody could write.
    [
      { replicas: 1, configs: { 'min.insync.replicas': '2' } },
      { inSyncReplicas: 2 },
      ['min.insync.replicas: 2, not 1'],
    ],
  ])('on %o, with %o configured, differs in %j', (bent, replication, settings) => {
    expect(settingsOf(DELETED, bent, replication)).toEqual(settings);
  });
});
