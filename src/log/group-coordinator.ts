import { LogError } from './errors.ts';
import { fairShare } from './fair-share.ts';
import type {
  AssignmentListener,
  GroupDefinition,
  GroupMemberState,
  Membership,
  WorkerName,
} from './log.ts';

/** Who says nothing of itself. */
const UNNAMED: WorkerName = { instance: '', address: '' };

interface Member {
  readonly worker: WorkerName;
  readonly listener: AssignmentListener;
  readonly owned: Set<number>;
}

interface Group {
  readonly partitions: number;
  readonly members: Member[];
}

/** Takes surplus partitions first and hands them out afterwards, so that no two ever own one. */
const rebalance = ({ partitions, members }: Group): void => {
  const moved: [Member, number][] = [];
  for (const [index, member] of members.entries()) {
    const surplus = [...member.owned].slice(fairShare(partitions, members.length, index));
    for (const partition of surplus) {
      member.owned.delete(partition);
      moved.push([member, partition]);
    }
  }
  for (const [{ listener }, partition] of moved) listener.lost(partition);
  const taken = new Set(members.flatMap(({ owned }) => [...owned]));
  const free = Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => !taken.has(partition),
  );
  for (const [index, { listener, owned }] of members.entries()) {
    const count = fairShare(partitions, members.length, index) - owned.size;
    for (const partition of free.splice(0, count)) {
      owned.add(partition);
      listener.assigned(partition);
    }
  }
};

/** Spreads the partitions of co-partitioned topics over the members of a group, in one process. */
export class GroupCoordinator {
  private readonly groups = new Map<string, Group>();

  membersOf(name: string): readonly GroupMemberState[] {
    const { members = [] } = this.groups.get(name) ?? {};
    return members.map(({ worker, owned }) => ({
      ...worker,
      host: '',
      partitions: [...owned].sort((a, b) => a - b),
    }));
  }

  /** `counts` are the partition counts of the group's topics. */
  join(
    { group: name, topics, worker = UNNAMED }: GroupDefinition,
    counts: readonly number[],
    listener: AssignmentListener,
  ): Membership {
    const [partitions = 0] = counts;
    if (counts.some((count) => count !== partitions)) {
      throw new LogError(
        'LOG_TOPIC_MISMATCH',
        `group ${name} reads ${topics.join(', ')} with ${counts.join(', ')} partitions; give ` +
          'them the same number',
      );
    }
    const group = this.groups.get(name) ?? { partitions, members: [] };
    this.groups.set(name, group);
    const member: Member = { worker, listener, owned: new Set() };
    group.members.push(member);
    queueMicrotask(() => {
      rebalance(group);
    });
    return {
      joined: Promise.resolve(),
      // Members hear at once of what they lose.
      confirmed: async () => undefined,
      leave: async () => {
        const index = group.members.indexOf(member);
        if (index < 0) return;
        group.members.splice(index, 1);
        rebalance(group);
      },
    };
  }
}
