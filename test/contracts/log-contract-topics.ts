import { describe, expect, it } from 'vitest';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import { logWith, topic, type LogHarness } from './log-harness.ts';

const KINDS: readonly TopicDefinition[] = [
  topic('kept', 1),
  topic('deleted', 2, { cleanup: 'delete', retentionMs: 3_600_000 }),
  topic('bounded', 1, { cleanup: 'delete', retentionMs: 3_600_000, retentionBytes: 1_000_000 }),
  topic('compacted', 3, { cleanup: 'compact', retentionMs: 3_600_000 }),
  topic('both', 1, { cleanup: 'compact,delete', retentionMs: 3_600_000 }),
];

/** Whether topics are as they are needed, and what can be done about it. */
export const topicContract = (name: string, harness: LogHarness): void => {
  describe(`${name} keeps the log contract: topics as they are needed`, () => {
    it('finds nothing to mend in what it was asked to create', async () => {
      const log = await logWith(harness, ...KINDS);
      expect(await log.compareTopics(KINDS)).toEqual([]);
      expect(await log.repairTopics(KINDS)).toEqual([]);
    });

    it('says nothing of a topic that is not there, and makes none', async () => {
      const log = await logWith(harness);
      expect(await log.repairTopics(KINDS)).toEqual([]);
      expect(await log.topics()).toEqual([]);
    });

    it('takes more for enough, and mends less', async () => {
      const log = await logWith(harness, topic('a', 1, { cleanup: 'delete', retentionMs: 5_000 }));
      const wanted = (retentionMs: number) => [topic('a', 1, { cleanup: 'delete', retentionMs })];
      expect(await log.repairTopics(wanted(4_000))).toEqual([]);
      const difference = {
        ...{ topic: 'a', setting: 'retention.ms', needed: '6000', found: '5000' },
        isRepairable: true,
      };
      expect(await log.compareTopics(wanted(6_000))).toEqual([difference]);
      expect(await log.repairTopics(wanted(6_000))).toEqual([difference]);
      expect(await log.compareTopics(wanted(6_000))).toEqual([]);
    });

    it('names both counts of partitions, and changes none', async () => {
      const log = await logWith(harness, topic('a', 2));
      const wanted = [topic('a', 3)];
      const found = await log.compareTopics(wanted);
      expect(found).toEqual([
        { topic: 'a', setting: 'partitions', needed: '3', found: '2', isRepairable: false },
      ]);
      expect(await log.repairTopics(wanted)).toEqual([]);
      expect((await log.topics())[0]?.definition.partitions).toBe(2);
    });

    it('names a cleanup that would lose records', async () => {
      const log = await logWith(harness, topic('a', 1, { cleanup: 'delete', retentionMs: 5_000 }));
      const [found] = await log.compareTopics([topic('a', 1, { cleanup: 'compact' })]);
      expect(found).toMatchObject({
        setting: 'cleanup.policy',
        needed: 'compact',
        found: 'delete',
      });
    });
  });
};
