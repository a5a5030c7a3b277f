import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stickyAssignment, type Owner } from '../../../../src/log/kafka/sticky-assignment.ts';

const plain = (assigned: ReadonlyMap<string, readonly number[]>) => Object.fromEntries(assigned);

/** Members join again with what they were given until nothing changes. */
const settled = (partitions: number, owners: readonly Owner[]): readonly Owner[] => {
  let now = owners;
  for (let round = 0; round < 3; round += 1) {
    const assigned = stickyAssignment(partitions, now);
    now = now.map(({ member }) => ({ member, owned: assigned.get(member) ?? [] }));
  }
  return now;
};

const group = fc
  .record({
    partitions: fc.integer({ min: 1, max: 20 }),
    members: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 6,
    }),
    draws: fc.array(fc.nat({ max: 6 }), { minLength: 20, maxLength: 20 }),
  })
  .map(({ partitions, members, draws }) => ({
    partitions,
    // Each partition belongs to one member, or to none that is there.
    owners: members.map((member, index) => ({
      member,
      owned: draws.slice(0, partitions).flatMap((draw, at) => (draw === index ? [at] : [])),
    })),
  }));

describe('the assignment of partitions to members', () => {
  it('gives all to the only one, and takes back first what is to move', () => {
    const alone = stickyAssignment(5, [{ member: 'a', owned: [] }]);
    expect(plain(alone)).toEqual({ a: [0, 1, 2, 3, 4] });
    const joined = stickyAssignment(5, [
      { member: 'b', owned: [] },
      { member: 'a', owned: [0, 1, 2, 3, 4] },
    ]);
    expect(plain(joined)).toEqual({ a: [0, 1, 2], b: [] });
    const freed = stickyAssignment(5, [
      { member: 'b', owned: [] },
      { member: 'a', owned: [0, 1, 2] },
    ]);
    expect(plain(freed)).toEqual({ a: [0, 1, 2], b: [3, 4] });
  });

  it('never gives a partition to two, nor one that someone else has still', () => {
    fc.assert(
      fc.property(group, ({ partitions, owners }) => {
        const assigned = stickyAssignment(partitions, owners);
        const given = [...assigned.values()].flat();
        expect(new Set(given).size).toBe(given.length);
        for (const { member, owned } of owners) {
          for (const [other, theirs] of assigned) {
            if (other !== member) expect(theirs.filter((one) => owned.includes(one))).toEqual([]);
          }
        }
      }),
    );
  });

  it('settles with every partition given, balanced, and as little moved as that needs', () => {
    fc.assert(
      fc.property(group, ({ partitions, owners }) => {
        const after = settled(partitions, owners);
        const counts = after.map(({ owned }) => owned.length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(partitions);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        const quota = Math.ceil(partitions / owners.length);
        for (const [index, { owned }] of owners.entries()) {
          const kept = owned.filter((one) => after[index]?.owned.includes(one) === true);
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(owned.length, quota - 1));
        }
        expect(settled(partitions, after)).toEqual(after);
      }),
    );
  });

  it('does not depend on the order in which members are listed', () => {
    fc.assert(
      fc.property(group, ({ partitions, owners }) => {
        const back = stickyAssignment(partitions, [...owners].reverse());
        expect(plain(back)).toEqual(plain(stickyAssignment(partitions, owners)));
      }),
    );
  });
});
