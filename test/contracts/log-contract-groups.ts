import { describe, expect, it } from 'vitest';
import type { AssignmentListener } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import { logWith, outgoing, topic, until, type LogHarness } from './log-harness.ts';

interface Recorder extends AssignmentListener {
  readonly owned: Set<number>;
}

/** Notes what a member owns; fails when a partition is assigned while another member has it. */
const recorder = (others: Set<number>, events: string[] = []): Recorder => {
  const owned = new Set<number>();
  return {
    owned,
    assigned(partition) {
      expect(others.has(partition)).toBe(false);
      others.add(partition);
      owned.add(partition);
      events.push(`+${partition}`);
    },
    lost(partition) {
      others.delete(partition);
      owned.delete(partition);
      events.push(`-${partition}`);
    },
    failed: () => undefined,
  };
};

const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

/** Group offsets and the assignment of partitions to members. */
export const groupContract = (name: string, harness: LogHarness): void => {
  describe(`${name} keeps the log contract: groups`, () => {
    it('shows group offsets from the commit on, the last one of each partition', async () => {
      const log = await logWith(harness, topic('a'));
      const producer = await log.producer('t');
      const position = (partition: number, next: number) => ({
        group: 'g',
        topic: 'a',
        partition,
        next: offset(next),
      });
      for (const next of [3, 5]) {
        const transaction = await producer.begin();
        await transaction.send([outgoing('a', 0, 'x')]);
        await transaction.commitOffsets([position(0, next), position(1, next + 1)]);
        await transaction.commit();
      }
      const aborted = await producer.begin();
      await aborted.commitOffsets([position(0, 9)]);
      await aborted.abort();
      const found = [...(await log.groupOffsets('g'))].sort((x, y) => x.partition - y.partition);
      expect(found).toEqual([position(0, 5), position(1, 6)]);
      expect(await log.groupOffsets('other')).toEqual([]);
    });

    it('says who works on what, by the names that they gave themselves', async () => {
      const log = await logWith(harness, topic('a', 3));
      const worker = (instance: string) => ({ instance, address: `${instance}:8000` });
      const [one, two] = [recorder(new Set()), recorder(new Set())];
      const ids = { group: 'g', topics: ['a'] };
      const first = await log.join({ ...ids, worker: worker('first') }, one);
      await log.join({ ...ids, worker: worker('second') }, two);
      // Who gets the odd one is the log's to say: members that join at once have no order.
      await until(() => one.owned.size * two.owned.size === 2);
      const members = [...(await log.groupMembers('g'))].sort((x, y) =>
        x.instance < y.instance ? -1 : 1,
      );
      expect(members).toMatchObject([
        { ...worker('first'), partitions: sorted(one.owned) },
        { ...worker('second'), partitions: sorted(two.owned) },
      ]);
      await first.leave();
      await until(() => two.owned.size === 3);
      expect(await log.groupMembers('g')).toMatchObject([
        { instance: 'second', partitions: [0, 1, 2] },
      ]);
      expect(await log.groupMembers('unknown')).toEqual([]);
    });

    it('gives every partition to the one member', async () => {
      const log = await logWith(harness, topic('a', 4), topic('b', 4));
      const member = recorder(new Set());
      await log.join({ group: 'g', topics: ['a', 'b'] }, member);
      await until(() => member.owned.size === 4);
      expect(sorted(member.owned)).toEqual([0, 1, 2, 3]);
    });

    it('spreads partitions over members, and takes back what one leaves', async () => {
      const log = await logWith(harness, topic('a', 5));
      const all = new Set<number>();
      const group = { group: 'g', topics: ['a'] };
      const first = recorder(all);
      const second = recorder(all);
      const membership = await log.join(group, first);
      await until(() => first.owned.size === 5);
      const other = await log.join(group, second);
      await until(() => second.owned.size === 2);
      expect(first.owned.size).toBe(3);
      expect(sorted([...first.owned, ...second.owned])).toEqual([0, 1, 2, 3, 4]);
      for (const partition of first.owned) all.delete(partition);
      await membership.leave();
      await until(() => second.owned.size === 5);
      await other.leave();
    });

    it('refuses to co-partition topics with different counts', async () => {
      const log = await logWith(harness, topic('a', 4), topic('b', 2));
      await expect(
        log.join({ group: 'g', topics: ['a', 'b'] }, recorder(new Set())),
      ).rejects.toMatchObject({ code: 'LOG_TOPIC_MISMATCH' });
    });
  });
};
