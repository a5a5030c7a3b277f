import { fairShare } from '../fair-share.ts';

/** A member of a group and the partitions that it works on now. */
export interface Owner {
  readonly member: string;
  readonly owned: readonly number[];
}

/** In an order that does not depend on how members were listed: those who have most come first. */
const inOrder = (owners: readonly Owner[]): readonly Owner[] =>
  [...owners].sort(
    (one, other) => other.owned.length - one.owned.length || (one.member < other.member ? -1 : 1),
  );

/**
 * Who works on which partition: balanced within one, and everyone keeps what they have as far as
 * that goes. A partition that is to move goes to nobody yet: whoever has it must let it go first,
 * and joins again when it has. So no two ever work on one.
 * @see KIP-429, Kafka Consumer Incremental Rebalance Protocol
 */
export const stickyAssignment = (
  partitions: number,
  owners: readonly Owner[],
): ReadonlyMap<string, readonly number[]> => {
  const members = inOrder(owners);
  const claimed = new Set<number>();
  const assigned = new Map<string, number[]>();
  const held = new Set(owners.flatMap(({ owned }) => owned));
  for (const [index, { member, owned }] of members.entries()) {
    const share = fairShare(partitions, members.length, index);
    const kept = owned
      .filter((partition) => partition < partitions && !claimed.has(partition))
      .slice(0, share);
    for (const partition of kept) claimed.add(partition);
    assigned.set(member, kept);
  }
  const free = Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => !held.has(partition),
  );
  for (const [index, { member }] of members.entries()) {
    const own = assigned.get(member) ?? [];
    own.push(...free.splice(0, fairShare(partitions, members.length, index) - own.length));
  }
  return assigned;
};
