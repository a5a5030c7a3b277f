import { describe, expect, it } from 'vitest';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import { appendAll, logWith, outgoing, topic, type LogHarness } from './log-harness.ts';

const KINDS: readonly TopicDefinition[] = [
  topic('kept', 1),
  topic('deleted', 2, { cleanup: 'delete', retentionMs: 3_600_000 }),
  topic('bounded', 1, { cleanup: 'delete', retentionMs: 3_600_000, retentionBytes: 1_000_000 }),
  topic('compacted', 3, { cleanup: 'compact', retentionMs: 3_600_000 }),
  topic('both', 1, { cleanup: 'compact,delete', retentionMs: 3_600_000 }),
];

const kept = { cleanup: 'delete', retentionMs: 3_600_000, retentionBytes: 1_000_000 } as const;

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

    it('lowers no limit of a topic that is there, whether it is ensured or mended', async () => {
      const log = await logWith(harness, topic('a', 1, kept), topic('b', 1, kept));
      const less = { retentionMs: 1_800_000, retentionBytes: 500_000 };
      await log.ensureTopics([topic('a', 1, { ...kept, ...less })]);
      const mended = topic('b', 1, { ...kept, ...less, retentionMs: 7_200_000 });
      expect(await log.repairTopics([mended])).toHaveLength(1);
      const all = [topic('a', 1, kept), topic('b', 1, { ...kept, retentionMs: 7_200_000 })];
      expect(await log.compareTopics(all)).toEqual([]);
    });

    it('lowers limits for those who say so, where topics have no other owner', async () => {
      const log = await logWith(harness, topic('a', 1, kept), topic('b', 1, kept));
      if (log.lowerTopics === undefined) return;
      const wanted = [
        topic('a', 1, { ...kept, retentionMs: 1_800_000, retentionBytes: 2_000_000 }),
        topic('b', 1, kept),
        topic('missing', 1, kept),
      ];
      const lower = { topic: 'a', setting: 'retention.ms', needed: '1800000', found: '3600000' };
      expect(await log.lowerTopics(wanted)).toEqual([{ ...lower, isRepairable: true }]);
      expect(await log.lowerTopics(wanted)).toEqual([]);
      expect((await log.topics()).map(({ definition }) => definition)).toEqual([
        topic('a', 1, { ...kept, retentionMs: 1_800_000 }),
        topic('b', 1, kept),
      ]);
    });

    it('says where some topics end, and leaves out what is not there', async () => {
      const log = await logWith(harness, topic('a', 2), topic('b', 1), topic('c', 1));
      await appendAll(log, [outgoing('a', 1, 'x'), outgoing('b', 0, 'x')]);
      const found = await log.offsetsOf(['b', 'a', 'missing', 'a']);
      expect(found).toHaveLength(2);
      const byTopic = new Map(found.map((one) => [one.topic, one.offsets]));
      expect([...byTopic.keys()].sort()).toEqual(['a', 'b']);
      expect(byTopic.get('a')).toEqual([await log.offsets('a', 0), await log.offsets('a', 1)]);
      expect(byTopic.get('b')).toEqual([await log.offsets('b', 0)]);
      expect(byTopic.get('a')?.[1]?.stableEnd).toBeGreaterThan(0);
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
