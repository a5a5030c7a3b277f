import type { GroupMemberState, Log } from '../../log/log.ts';
import { groupOf, namesOf } from '../../streams/changelog.ts';
import type { Topology } from '../../streams/topology.ts';

export interface OtherWorkersOptions {
  readonly log: Log;
  readonly application: string;
  /** Of this process. */
  readonly instance: string;
  readonly topologies: readonly Topology[];
}

/** Workers beside this one that have some of the tasks of these topologies. */
export const otherWorkers = async ({
  log,
  application,
  instance,
  topologies,
}: OtherWorkersOptions): Promise<readonly GroupMemberState[]> => {
  const others = new Map<string, GroupMemberState>();
  for (const topology of topologies) {
    for (const member of await log.groupMembers(groupOf(namesOf({ application }, topology)))) {
      const isOther = member.instance !== instance && member.partitions.length > 0;
      if (isOther) others.set(member.instance, member);
    }
  }
  return [...others.values()];
};
