import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';

/** The period of an event, and how many came before it. */
interface Seen {
  readonly period: number;
  readonly order: number;
}

/** Ids of events whose periods are open at the watermark of their raw partition. */
export const seenIdsStore = jsonStore<Seen>({
  name: 'seen-ids',
  version: 1,
  initial: () => ({ period: 0, order: 0 }),
});

/**
 * Ids that one raw partition remembers, some 50 MB of them; beyond it the oldest are forgotten, and
 * their repetitions count.
 */
export const SEEN_IDS_MAX = 250_000;

/**
 * Knows an event by its id until its period is over at the watermark of its raw partition: a
 * repetition that comes later is late, and cannot count either.
 */
export class SeenIds {
  private readonly keyed: Keyed<Seen>;
  private readonly max: number;
  /** In the order in which they came. */
  private readonly ids = new Map<string, number>();
  private order = 0;

  constructor(keyed: Keyed<Seen>, max: number) {
    this.keyed = keyed;
    this.max = max;
    const saved = [...keyed.keys()].flatMap((id) => {
      const seen = keyed.find(id);
      return seen === undefined ? [] : [{ id, ...seen }];
    });
    for (const { id, period, order } of saved.sort((one, other) => one.order - other.order)) {
      this.ids.set(id, period);
      this.order = order + 1;
    }
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string, period: number): void {
    this.ids.set(id, period);
    this.keyed.put(id, { period, order: this.order });
    this.order += 1;
    if (this.ids.size <= this.max) return;
    const [oldest] = this.ids.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  /** Forgets the events of all periods before the first that is open. */
  expire(firstOpen: number): void {
    for (const [id, period] of this.ids) {
      if (period < firstOpen) this.forget(id);
    }
  }

  private forget(id: string): void {
    this.ids.delete(id);
    this.keyed.delete(id);
  }
}
