import type { GroupOffset } from '../log.ts';

const keyOf = ({ group, topic, partition }: GroupOffset): string =>
  `${group}\n${topic}\n${partition}`;

/** What groups committed, and what of it the index lacks. */
export class GroupPositions {
  private readonly positions = new Map<string, GroupOffset>();
  private unwritten = new Set<string>();

  set(position: GroupOffset): void {
    const key = keyOf(position);
    this.positions.set(key, position);
    this.unwritten.add(key);
  }

  of(group: string): readonly GroupOffset[] {
    return [...this.positions.values()].filter((position) => position.group === group);
  }

  /** What the index lacks; it is taken to have it from now on. */
  take(): readonly GroupOffset[] {
    const taken = [...this.unwritten].flatMap((key) => this.positions.get(key) ?? []);
    this.unwritten = new Set();
    return taken;
  }

  /** The index could not take these: it lacks what groups have committed by now. */
  putBack(taken: readonly GroupOffset[]): void {
    for (const position of taken) this.unwritten.add(keyOf(position));
  }
}
