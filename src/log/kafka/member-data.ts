import assignerProtocol from 'kafkajs/src/consumer/assignerProtocol.js';
import type { Broker } from 'kafkajs/src/cluster/index.js';
import type { GroupMemberState, WorkerName } from '../log.ts';

const { MemberMetadata, MemberAssignment } = assignerProtocol;

/** What nobody else speaks. */
export const PROTOCOL = 'tidecast-sticky';

/** What a member says of itself when it joins. */
export interface MemberData extends Partial<WorkerName> {
  /** The partitions that it works on. */
  readonly owned: readonly number[];
}

export const memberData = (data: MemberData): Buffer => Buffer.from(JSON.stringify(data));

/** Of a member of the same protocol. */
export const memberDataIn = (userData: Buffer): MemberData => {
  if (userData.length === 0) return { owned: [] };
  // Written above; before it had names it was the list alone.
  const said = JSON.parse(userData.toString()) as MemberData | readonly number[];
  return 'owned' in said ? said : { owned: said };
};

type Described = Pick<
  Awaited<ReturnType<Broker['describeGroups']>>['groups'][number]['members'][number],
  'memberMetadata' | 'memberAssignment'
>;

const toldBy = ({ memberMetadata, memberAssignment }: Described) => {
  const said: MemberData =
    memberMetadata.length === 0
      ? { owned: [] }
      : memberDataIn(MemberMetadata.decode(memberMetadata).userData);
  const { instance = '', address = '' } = said;
  const assigned = memberAssignment.length === 0 ? null : MemberAssignment.decode(memberAssignment);
  const [partitions = []] = Object.values(assigned?.assignment ?? {});
  return { instance, address, partitions: [...partitions].sort((a, b) => a - b) };
};

/** Kafka writes an address with a slash before it. */
const hostOf = (clientHost: string): string => clientHost.replace(/^\//, '');

/**
 * The members of a group as its coordinator has them; those who are joining have nothing yet, and
 * of consumers that are no tidecast nothing is known but where they are.
 */
export const membersOf = async (
  coordinator: Broker,
  group: string,
): Promise<readonly GroupMemberState[]> => {
  const { groups } = await coordinator.describeGroups({ groupIds: [group] });
  return groups.flatMap(({ protocol, members }) =>
    members.map((member) => {
      const host = hostOf(member.clientHost);
      if (protocol !== PROTOCOL) return { instance: '', address: '', host, partitions: [] };
      return { ...toldBy(member), host };
    }),
  );
};
