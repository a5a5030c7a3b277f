import { setTimeout as wait } from 'node:timers/promises';
import assignerProtocol from 'kafkajs/src/consumer/assignerProtocol.js';
import type { Broker } from 'kafkajs/src/cluster/index.js';
import type { AssignmentListener, GroupDefinition, Membership } from '../log.ts';
import { failureCode } from '../../core/errors.ts';
import { heardLater } from '../../core/heard-later.ts';
import { LogError } from '../errors.ts';
import { kafkaTypeOf, logErrorOf } from './kafka-error.ts';
import { memberData, memberDataIn, PROTOCOL } from './member-data.ts';
import { stickyAssignment } from './sticky-assignment.ts';

const { MemberMetadata, MemberAssignment } = assignerProtocol;

export interface GroupTimings {
  /** Silence after which the group goes on without a member: how late a death is noticed. */
  readonly sessionMs: number;
  readonly heartbeatMs: number;
}

const VERSION = 0;
const AFTER_FAILURE_MS = 500;
const NOBODY = '';

/** What a member is told while others join or leave. */
const AWAITED = 'REBALANCE_IN_PROGRESS';
const OF_REBALANCES: ReadonlySet<string> = new Set([AWAITED, 'ILLEGAL_GENERATION']);

/** The broker that keeps the members of a group. */
export type GroupBroker = Pick<Broker, 'joinGroup' | 'syncGroup' | 'heartbeat' | 'leaveGroup'>;

/** Connections of one member. */
export interface GroupConnection {
  groupCoordinator(group: string): Promise<GroupBroker>;
  close(): Promise<void>;
}

/** A generation of the group, as one member has it. */
interface Generation {
  readonly coordinator: GroupBroker;
  readonly generationId: number;
  readonly memberId: string;
}

/**
 * One member of a consumer group. It fetches nothing: positions are the engine's own, and so is
 * what is read. It only learns which partitions are its, and gives up those that are to move before
 * anyone else gets them.
 */
export class GroupMember implements Membership {
  /** Its own: who joins is answered when all have, and holds up its connection meanwhile. */
  private readonly connection: GroupConnection;
  private readonly group: GroupDefinition;
  private readonly partitions: number;
  private readonly listener: AssignmentListener;
  private readonly timings: GroupTimings;
  private readonly owned = new Set<number>();
  private hasLeft = false;
  /** Those who wait for the group's word; it is asked at once when someone begins to. */
  private readonly asking = new Set<() => void>();
  private hurry = new AbortController();
  private memberId = NOBODY;
  private coordinator: GroupBroker | undefined;
  /** The reason that it last told of; empty since it was taken in. */
  private told = '';
  readonly joined: Promise<void>;
  private readonly over: Promise<void>;

  constructor(
    connection: GroupConnection,
    joined: { readonly group: GroupDefinition; readonly partitions: number } & {
      readonly listener: AssignmentListener;
    },
    timings: GroupTimings,
  ) {
    this.connection = connection;
    this.group = joined.group;
    this.partitions = joined.partitions;
    this.listener = joined.listener;
    this.timings = timings;
    let over = Promise.resolve();
    const joining = new Promise<void>((resolve, reject) => {
      over = this.live(resolve, reject);
    });
    this.joined = heardLater(joining);
    this.over = over;
  }

  async confirmed(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.isLeaving()) return;
    await new Promise<void>((resolve) => {
      const tell = (): void => {
        signal.removeEventListener('abort', tell);
        this.asking.delete(tell);
        resolve();
      };
      signal.addEventListener('abort', tell);
      this.asking.add(tell);
      this.hurry.abort();
    });
  }

  async leave(): Promise<void> {
    if (this.isLeaving()) return this.over;
    this.hasLeft = true;
    this.hurry.abort();
    for (const tell of this.asking) tell();
    const { coordinator, memberId } = this;
    try {
      // Also while it waits for others to join, which ends with the member, and after a failure.
      if (memberId !== NOBODY) {
        await coordinator?.leaveGroup({ groupId: this.group.group, memberId });
      }
    } catch {
      // The group goes on without it when the session is over.
    } finally {
      await this.connection.close();
    }
    return this.over;
  }

  private isLeaving(): boolean {
    return this.hasLeft;
  }

  /** Joins, and joins again whenever the group changes, until it leaves. */
  private async live(takenIn: () => void, refuse: (error: Error) => void): Promise<void> {
    // Nobody hears of partitions before `join` has returned.
    await this.pause(0);
    let wasTakenIn = false;
    while (!this.isLeaving()) {
      try {
        const generation = await this.join();
        this.told = '';
        wasTakenIn = true;
        takenIn();
        await this.beat(generation);
      } catch (error) {
        if (this.isLeaving()) return;
        this.forget(error);
        const failure = logErrorOf(error, `this process is not in group ${this.group.group}`);
        const isPassing = failure instanceof LogError && failure.retriable;
        if (!wasTakenIn && !isPassing) {
          refuse(failure);
          return;
        }
        this.tell(failure);
        // Others wait for it, and joining waits for them.
        const isAwaited = kafkaTypeOf(error) === AWAITED;
        await this.pause(isAwaited ? 0 : AFTER_FAILURE_MS);
      }
    }
  }

  /** Says each reason once, until it is another. */
  private tell(failure: Error): void {
    const type = failure instanceof LogError ? kafkaTypeOf(failure.cause) : '';
    // Messages may have numbers that differ each time.
    const reason = `${failureCode(failure)} ${type}`;
    if (OF_REBALANCES.has(type) || reason === this.told) return;
    this.told = reason;
    this.listener.failed(failure);
  }

  /** Resolves when the group changes. */
  private async beat({ coordinator, generationId, memberId }: Generation): Promise<void> {
    const groupId = this.group.group;
    while (!this.isLeaving()) {
      await this.pause(this.timings.heartbeatMs);
      if (this.isLeaving()) return;
      const asking = [...this.asking];
      try {
        await coordinator.heartbeat({ groupId, groupGenerationId: generationId, memberId });
        for (const tell of asking) tell();
      } catch (error) {
        if (kafkaTypeOf(error) === AWAITED) return;
        throw error;
      }
    }
  }

  /** One rebalance, and another one at once where it took something away. */
  private async join(): Promise<Generation> {
    for (;;) {
      const asking = [...this.asking];
      const generation = await this.enter();
      const lost = this.take(generation.partitions);
      for (const tell of asking) tell();
      if (!lost) return generation;
    }
  }

  private async enter(): Promise<Generation & { readonly partitions: readonly number[] }> {
    const { sessionMs } = this.timings;
    const { group: groupId, topics } = this.group;
    const coordinator = await this.connection.groupCoordinator(groupId);
    this.coordinator = coordinator;
    const userData = memberData({ ...this.group.worker, owned: [...this.owned] });
    const joined = await coordinator.joinGroup({
      groupId,
      sessionTimeout: sessionMs,
      rebalanceTimeout: sessionMs,
      memberId: this.memberId,
      groupProtocols: [
        { name: PROTOCOL, metadata: MemberMetadata.encode({ version: VERSION, topics, userData }) },
      ],
    });
    const { generationId, memberId, leaderId, members } = joined;
    this.memberId = memberId;
    const { memberAssignment } = await coordinator.syncGroup({
      ...{ groupId, generationId, memberId },
      groupAssignment: leaderId === memberId ? this.assignmentOf(members) : [],
    });
    const assigned = MemberAssignment.decode(memberAssignment)?.assignment ?? {};
    const partitions = assigned[topics[0] ?? ''] ?? [];
    return { coordinator, generationId, memberId, partitions };
  }

  private assignmentOf(
    members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[],
  ): readonly { readonly memberId: string; readonly memberAssignment: Buffer }[] {
    const owners = members.map(({ memberId, memberMetadata }) => ({
      member: memberId,
      owned: memberDataIn(MemberMetadata.decode(memberMetadata).userData).owned,
    }));
    return [...stickyAssignment(this.partitions, owners)].map(([memberId, partitions]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: VERSION,
        assignment: Object.fromEntries(this.group.topics.map((topic) => [topic, partitions])),
        userData: Buffer.alloc(0),
      }),
    }));
  }

  /** true: something was taken away, which others wait for. */
  private take(partitions: readonly number[]): boolean {
    if (this.isLeaving()) return false;
    const lost = [...this.owned].filter((partition) => !partitions.includes(partition));
    for (const partition of lost) {
      this.owned.delete(partition);
      this.listener.lost(partition);
    }
    for (const partition of partitions) {
      if (this.owned.has(partition)) continue;
      this.owned.add(partition);
      this.listener.assigned(partition);
    }
    return lost.length > 0;
  }

  /** Whom the group no longer knows has nothing any more. */
  private forget(error: unknown): void {
    const type = kafkaTypeOf(error);
    if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') {
      this.memberId = NOBODY;
      this.take([]);
    }
  }

  /** Ends early when it leaves, or when somebody waits for the group's word. */
  private async pause(ms: number): Promise<void> {
    try {
      await wait(ms, undefined, { signal: this.hurry.signal });
    } catch {
      if (!this.isLeaving()) this.hurry = new AbortController();
    }
  }
}
