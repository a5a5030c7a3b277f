import { setTimeout as wait } from 'node:timers/promises';
import type { LogError } from '../../src/log/errors.ts';
import type {
  AssignmentListener,
  GroupDefinition,
  Log,
  Membership,
  TransactionalProducer,
} from '../../src/log/log.ts';
import { ForwardingLog } from '../support/forwarding-log.ts';

/** Commits of a group from one rebalance to the next. */
const COMMITS = 2;
/** Of a group: where work is done again and again, it ends all the same, and is judged. */
const REBALANCES_MAX = 60;
/** Whoever waits for a rebalance or a claim goes on after this, so that neither need come. */
const PATIENCE_MS = 2_000;
const LOOK_MS = 5;

const until = async (
  condition: () => boolean,
  look: () => Promise<void> = () => Promise.resolve(),
): Promise<void> => {
  for (let waitedMs = 0; !condition() && waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) {
    await look();
    await wait(LOOK_MS);
  }
};

/** A member of a group that can give up its place and take it again, unseen by who joined. */
class Seat implements Membership, AssignmentListener {
  readonly owned = new Set<number>();
  private readonly sit: (listener: AssignmentListener) => Promise<Membership>;
  private readonly listener: AssignmentListener;
  private membership: Membership | undefined;

  constructor(
    sit: (listener: AssignmentListener) => Promise<Membership>,
    listener: AssignmentListener,
  ) {
    this.sit = sit;
    this.listener = listener;
  }

  get isTaken(): boolean {
    return this.membership !== undefined;
  }

  assigned(partition: number): void {
    this.owned.add(partition);
    this.listener.assigned(partition);
  }

  lost(partition: number): void {
    this.owned.delete(partition);
    this.listener.lost(partition);
  }

  failed(error: LogError): void {
    this.listener.failed(error);
  }

  /** Of the place that it has now. */
  get joined(): Promise<void> {
    return this.membership?.joined ?? Promise.resolve();
  }

  async take(): Promise<void> {
    this.membership = await this.sit(this);
  }

  /** As when a session ends: the group gives its partitions on before its tasks know. */
  async giveUp(): Promise<void> {
    const left = this.membership?.leave();
    this.membership = undefined;
    for (const partition of [...this.owned]) this.lost(partition);
    await left;
  }

  /** Who lost all has nothing to ask for. */
  async confirmed(signal: AbortSignal): Promise<void> {
    await this.membership?.confirmed(signal);
  }

  async leave(): Promise<void> {
    await this.membership?.leave();
  }
}

/** Where a transaction waits: before its records are sent, or between them and its end. */
type Point = 'unsent' | 'sent';

/** A group, one member of which leaves or comes back at every second commit of its tasks. */
class RestlessGroup {
  private rebalances = 0;
  readonly seats: Seat[] = [];
  /** How often each partition was claimed. */
  private readonly claims = new Map<number, number>();
  private commits = 0;
  private departures = 0;
  private isDue = false;
  private rebalancing: Promise<void> | undefined;

  claimsOf(partition: number): number {
    return this.claims.get(partition) ?? 0;
  }

  /** Tells how many claims of the partition there are with this one. */
  claimed(partition: number): number {
    const count = this.claimsOf(partition) + 1;
    this.claims.set(partition, count);
    return count;
  }

  /**
   * A transaction passes a point: every second one waits for a rebalance, all others while there is
   * one.
   */
  async pass(point: Point): Promise<void> {
    while (this.rebalancing !== undefined) await this.rebalancing;
    if (point === 'unsent') {
      this.commits += 1;
      this.isDue ||= this.commits % COMMITS === 0 && this.rebalances < REBALANCES_MAX;
    }
    const isHere = (this.rebalances % 2 === 0) === (point === 'unsent');
    if (!this.isDue || !isHere || this.seats.length < 2) return;
    this.isDue = false;
    this.rebalancing = this.rebalance().finally(() => (this.rebalancing = undefined));
    await this.rebalancing;
  }

  async settled(): Promise<void> {
    await this.rebalancing;
  }

  private async rebalance(): Promise<void> {
    const { seats } = this;
    this.rebalances += 1;
    const away = seats.find((seat) => !seat.isTaken);
    if (away !== undefined) {
      await away.take();
      await this.until(() => away.owned.size > 0);
      return;
    }
    // One after the other, so that no partition stays where it is.
    const leaver = seats[this.departures % seats.length];
    this.departures += 1;
    const ownedBy = (all: readonly Seat[]): number =>
      all.reduce((sum, { owned }) => sum + owned.size, 0);
    const all = ownedBy(seats);
    await leaver?.giveUp();
    await this.until(() => ownedBy(seats) === all);
  }

  /** Lets those who are in the group ask at once how things stand, again and again. */
  private async until(condition: () => boolean): Promise<void> {
    await until(condition, async () => {
      const look = AbortSignal.timeout(LOOK_MS);
      await Promise.all(this.seats.map((seat) => seat.confirmed(look)));
    });
  }
}

/**
 * The groups of two workers of one application: they leave them by turns and come back, driven by
 * the commits of both. Amid its transaction a task finds that it has lost its partition, and goes
 * on when the next owner has claimed it.
 */
export class RestlessGroups {
  private readonly groups = new Map<string, RestlessGroup>();
  private isResting = false;

  /** The log of a worker, as it is to see it. */
  logOf(log: Log): Log {
    return new RestlessLog(log, this);
  }

  of(name: string): RestlessGroup {
    const group = this.groups.get(name) ?? new RestlessGroup();
    this.groups.set(name, group);
    return group;
  }

  /** That of a task, by its transactional id: a prefix, the group's name, the partition. */
  ofTask(transactionalId: string): Task | undefined {
    const [, before = '', partition] = /^(.*)\.(\d+)$/.exec(transactionalId) ?? [];
    const found = [...this.groups].find(([name]) => before.endsWith(name));
    if (found === undefined || this.isResting) return undefined;
    return { group: found[1], partition: Number(partition) };
  }

  /** Everyone stays where they are from now on. */
  async rest(): Promise<void> {
    this.isResting = true;
    await Promise.all([...this.groups.values()].map((group) => group.settled()));
  }
}

interface Task {
  readonly group: RestlessGroup;
  readonly partition: number;
}

class RestlessLog extends ForwardingLog {
  private readonly groups: RestlessGroups;
  /** This worker's own. */
  private readonly seats = new Map<RestlessGroup, Seat>();

  constructor(log: Log, groups: RestlessGroups) {
    super(log);
    this.groups = groups;
  }

  override async join(group: GroupDefinition, listener: AssignmentListener): Promise<Membership> {
    const seat = new Seat((heard) => this.log.join(group, heard), listener);
    const restless = this.groups.of(group.group);
    this.seats.set(restless, seat);
    await seat.take();
    restless.seats.push(seat);
    return seat;
  }

  override async producer(transactionalId: string): Promise<TransactionalProducer> {
    const producer = await this.log.producer(transactionalId);
    let claimedAs = 0;
    const pass = async (point: Point): Promise<void> => {
      const task = this.groups.ofTask(transactionalId);
      if (task === undefined) return;
      const { group, partition } = task;
      await group.pass(point);
      const isLost = this.seats.get(group)?.owned.has(partition) === false;
      if (isLost) await until(() => group.claimsOf(partition) > claimedAs);
    };
    return {
      begin: async () => {
        const transaction = await producer.begin();
        let isClaim = false;
        return {
          send: async (records) => {
            isClaim = true;
            return transaction.send(records);
          },
          sendPacked: async (records) => {
            await pass('unsent');
            const acknowledged = await transaction.sendPacked(records);
            await pass('sent');
            return acknowledged;
          },
          commitOffsets: (offsets) => transaction.commitOffsets(offsets),
          commit: async () => {
            await transaction.commit();
            const task = this.groups.ofTask(transactionalId);
            if (isClaim && task !== undefined) claimedAs = task.group.claimed(task.partition);
          },
          abort: () => transaction.abort(),
        };
      },
      close: () => producer.close(),
    };
  }
}
