import type { Broker } from 'kafkajs/src/cluster/index.js';
import assignerProtocol from 'kafkajs/src/consumer/assignerProtocol.js';
import { describe, expect, it } from 'vitest';
import { memberData, membersOf, PROTOCOL } from '../../../../src/log/kafka/member-data.ts';

const { MemberMetadata, MemberAssignment } = assignerProtocol;
const NONE = Buffer.alloc(0);

/** The members of a group of one, who says so of itself. */
const described = (protocol: string, userData: Buffer) => {
  const member = {
    ...{ memberId: 'm', clientHost: '/10.0.0.1' },
    memberMetadata: MemberMetadata.encode({ version: 0, topics: ['a'], userData }),
    memberAssignment: MemberAssignment.encode({
      ...{ version: 0, assignment: { a: [1, 0] }, userData: NONE },
    }),
  };
  const answer = { groups: [{ protocol, members: [member] }] };
  // What is asked of a coordinator.
  return membersOf({ describeGroups: async () => answer } as unknown as Broker, 'g');
};

describe('the members of a group', () => {
  it('say who they are', async () => {
    const data = memberData({ instance: 'i', address: 'here:1', owned: [0, 1] });
    expect(await described(PROTOCOL, data)).toEqual([
      { instance: 'i', address: 'here:1', host: '10.0.0.1', partitions: [0, 1] },
    ]);
  });

  it.each([
    ['what nobody here can read', Buffer.from('sticky')],
    ['something in JSON', Buffer.from('7')],
  ])('may be others, who say %s', async (_, data) => {
    expect(await described('sticky', data)).toEqual([
      { instance: '', address: '', host: '10.0.0.1', partitions: [] },
    ]);
  });
});
