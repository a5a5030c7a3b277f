import { heardLater } from '../core/heard-later.ts';
import type { AssignmentListener, Membership } from '../log/log.ts';

/** Hears of a group that cannot be joined or asked just now, and is tried again. */
export type OnGroupFailure = (error: Error, group: string) => void;

/** Whether groups have taken this process in. */
export class GroupStanding {
  /** Rejects when a group never will. */
  readonly failed: Promise<never>;
  private readonly onFailure: OnGroupFailure;
  private readonly groups = new Set<string>();
  private fail: (error: unknown) => void = () => undefined;

  constructor(onFailure: OnGroupFailure) {
    this.onFailure = onFailure;
    const failing = new Promise<never>((_, reject) => {
      this.fail = reject;
    });
    this.failed = heardLater(failing);
  }

  /** Groups that have not taken it in yet. */
  get awaited(): readonly string[] {
    return [...this.groups];
  }

  /** What hears of a group's partitions, and of its failures. */
  listener(group: string, tasks: Omit<AssignmentListener, 'failed'>): AssignmentListener {
    return {
      assigned: (partition) => tasks.assigned(partition),
      lost: (partition) => tasks.lost(partition),
      failed: (error) => this.onFailure(error, group),
    };
  }

  follow(group: string, { joined }: Membership): void {
    this.groups.add(group);
    joined.then(() => this.groups.delete(group), this.fail);
  }
}
