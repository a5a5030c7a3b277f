import errors from 'kafkajs/src/protocol/error.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureCode } from '../../../../src/core/errors.ts';
import { GroupMember, type GroupBroker } from '../../../../src/log/kafka/group-member.ts';
import { until } from '../../../contracts/log-harness.ts';

/** Kafka's numbers of what it refuses. */
const COORDINATOR_NOT_AVAILABLE = 15;
const INCONSISTENT_PROTOCOL = 23;
const INVALID_SESSION_TIMEOUT = 26;
const UNAUTHORIZED = 30;
const GROUP_IS_FULL = 81;
const REBALANCE_IN_PROGRESS = 27;

const TIMINGS = { sessionMs: 100, heartbeatMs: 5 };

interface Given {
  readonly member: GroupMember;
  readonly owned: Set<number>;
  /** Codes and messages of the failures that were told. */
  readonly told: string[];
  /** What the broker answers to each join from now on: a number of Kafka's, or 0. */
  answer: number;
  /** The same for heartbeats. */
  beat: number;
  /** The same for the partitions of the next join. */
  sync: number;
  joins: number;
  /** Who has left. */
  readonly left: string[];
}

/** The only member of a group whose broker answers as the test says. */
const given = (answer: number): Given => {
  const refuse = (code: number): void => {
    if (code !== 0) throw errors.createErrorFromCode(code);
  };
  const broker: GroupBroker = {
    joinGroup: async ({ groupProtocols }) => {
      test.joins += 1;
      refuse(test.answer);
      const members = groupProtocols.map(({ metadata }) => ({
        ...{ memberId: 'm', memberMetadata: metadata },
      }));
      return { generationId: 1, leaderId: 'm', memberId: 'm', members };
    },
    syncGroup: async ({ groupAssignment }) => {
      const { sync } = test;
      test.sync = 0;
      refuse(sync);
      return { memberAssignment: groupAssignment[0]?.memberAssignment ?? Buffer.alloc(0) };
    },
    heartbeat: async () => {
      refuse(test.beat);
    },
    leaveGroup: async ({ memberId }) => void test.left.push(memberId),
  };
  const owned = new Set<number>();
  const told: string[] = [];
  const member = new GroupMember(
    { groupCoordinator: async () => broker, close: async () => undefined },
    {
      group: { group: 'g', topics: ['a'] },
      partitions: 2,
      listener: {
        assigned: (partition) => owned.add(partition),
        lost: (partition) => owned.delete(partition),
        failed: (error) => told.push(`${failureCode(error)}: ${error.message}`),
      },
    },
    TIMINGS,
  );
  onTestFinished(() => member.leave());
  const test: Given = { member, owned, told, answer, beat: 0, sync: 0, joins: 0, left: [] };
  return test;
};

describe('a member of a group on Kafka', () => {
  it.each([
    ['a right', UNAUTHORIZED, 'LOG_UNAUTHORIZED', /group g: .*docs\/security\.md/],
    ['the session', INVALID_SESSION_TIMEOUT, 'LOG_GROUP_REFUSED', /kafka\.sessionTimeoutMs/],
    ['the name', INCONSISTENT_PROTOCOL, 'LOG_GROUP_REFUSED', /another `application`/],
  ])('gives up where %s is refused, and says what to do', async (...[, answer, code, message]) => {
    const { member, told, owned } = given(answer);
    const refusal = await member.joined.catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(told).toEqual([]);
    expect(owned.size).toBe(0);
  });

  it('tells once what passes, tries again, and tells when it is something else', async () => {
    const test = given(COORDINATOR_NOT_AVAILABLE);
    await until(() => test.joins === 3);
    expect(test.told).toHaveLength(1);
    expect(test.told[0]).toMatch(/^LOG_UNREACHABLE: this process is not in group g: .*coordinator/);
    test.answer = GROUP_IS_FULL;
    await until(() => test.told.length === 2);
    test.answer = 0;
    await test.member.joined;
    expect([...test.owned]).toEqual([0, 1]);
    expect(test.told).toHaveLength(2);
  });

  it('does not give up once it has been in', async () => {
    const test = given(0);
    await test.member.joined;
    test.beat = UNAUTHORIZED;
    test.answer = UNAUTHORIZED;
    await until(() => test.joins >= 3);
    expect(test.told).toHaveLength(1);
    test.answer = 0;
    test.beat = 0;
    const { joins } = test;
    await until(() => test.joins > joins);
    expect([...test.owned]).toEqual([0, 1]);
  });

  it('does not tell of what belongs to a rebalance', async () => {
    const test = given(0);
    await test.member.joined;
    test.beat = REBALANCE_IN_PROGRESS;
    test.answer = REBALANCE_IN_PROGRESS;
    await until(() => test.joins >= 3);
    expect(test.told).toEqual([]);
  });

  it('joins again at once while others wait for it', async () => {
    const test = given(0);
    test.sync = REBALANCE_IN_PROGRESS;
    const began = performance.now();
    await test.member.joined;
    expect(test.joins).toBe(2);
    expect(performance.now() - began).toBeLessThan(400);
  });

  it('tells the group that it leaves, right after a failure too', async () => {
    const test = given(0);
    await test.member.joined;
    test.beat = COORDINATOR_NOT_AVAILABLE;
    test.answer = COORDINATOR_NOT_AVAILABLE;
    await until(() => test.told.length === 1);
    await test.member.leave();
    expect(test.left).toEqual(['m']);
  });

  it('leaves nothing where it was never taken in', async () => {
    const test = given(COORDINATOR_NOT_AVAILABLE);
    await until(() => test.told.length === 1);
    await test.member.leave();
    expect(test.left).toEqual([]);
  });
});
