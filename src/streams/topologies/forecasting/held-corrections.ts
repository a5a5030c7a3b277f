import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';
import type { LateEvent } from './sinks.ts';

/** A corrected value that waits for periods to be closed that were over when it came. */
interface HeldCorrection {
  /** Period number: all before it are closed first. */
  readonly after: number;
  readonly period: number;
  readonly event: LateEvent;
}

/** By the order in which they came. */
export const heldCorrectionsStore = jsonStore<HeldCorrection>({
  name: 'held-corrections',
  version: 2,
  initial: (order) => {
    throw new Error(`a correction is written with its order ${order}`);
  },
});

/** Corrections that wait: each is a value of its own, so that a commit writes what came with it. */
export class HeldCorrections {
  private readonly keyed: Keyed<HeldCorrection>;
  /** Keys in the order in which they came, by the period that they wait for. */
  private readonly keysByAfter = new Map<number, string[]>();
  private order = 0;

  constructor(keyed: Keyed<HeldCorrection>) {
    this.keyed = keyed;
    for (const order of [...keyed.keys()].map(Number).sort((one, other) => one - other)) {
      const held = keyed.find(String(order));
      if (held !== undefined) this.place(held.after, order);
    }
  }

  put(held: HeldCorrection): void {
    this.keyed.put(String(this.order), held);
    this.place(held.after, this.order);
  }

  /**
   * Takes out what waits for nothing any more, as if one period had been closed after the other;
   * `closedTo`: all periods before it are closed.
   */
  take(closedTo: number): readonly HeldCorrection[] {
    if (this.keysByAfter.size === 0) return [];
    const over = [...this.keysByAfter.keys()]
      .filter((after) => after <= closedTo)
      .sort((one, other) => one - other);
    return over.flatMap((after) => {
      const keys = this.keysByAfter.get(after) ?? [];
      this.keysByAfter.delete(after);
      return keys.flatMap((key) => this.takeOne(key) ?? []);
    });
  }

  private takeOne(key: string): HeldCorrection | undefined {
    const held = this.keyed.find(key);
    this.keyed.delete(key);
    return held;
  }

  private place(after: number, order: number): void {
    const keys = this.keysByAfter.get(after);
    if (keys === undefined) this.keysByAfter.set(after, [String(order)]);
    else keys.push(String(order));
    this.order = order + 1;
  }
}
