import type { Clock } from '../../core/clock.ts';
import type { RegisteredSchema } from '../schema-registry.ts';

/** An id is never given twice, so what it means is kept: this many, of some kilobytes each. */
export const KNOWN_MAX = 10_000;
/** Poison names ids at random: those that were asked for last. */
export const UNKNOWN_MAX = 1_000;
/**
 * How long an id that the registry did not have is not asked for again. A writer registers before
 * it writes, but a registry of several nodes may tell of it a moment late.
 */
export const UNKNOWN_MS = 30_000;

const forgetFirst = (map: Map<number, unknown>, most: number): void => {
  const [first] = map.keys();
  if (map.size > most && first !== undefined) map.delete(first);
};

/** What ids mean, asked for once: while one is being asked for, others wait for that answer. */
export class KnownSchemas {
  private readonly known = new Map<number, RegisteredSchema>();
  /** Until when. */
  private readonly unknown = new Map<number, number>();
  private readonly asked = new Map<number, Promise<RegisteredSchema | undefined>>();
  private readonly clock: Clock;
  private readonly fetch: (id: number) => Promise<RegisteredSchema | undefined>;

  /** `fetch` gives undefined where it is sure that there is no such id, and else rejects. */
  constructor(clock: Clock, fetch: (id: number) => Promise<RegisteredSchema | undefined>) {
    this.clock = clock;
    this.fetch = fetch;
  }

  async get(id: number): Promise<RegisteredSchema | undefined> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const untilMs = this.unknown.get(id);
    if (untilMs !== undefined && this.clock.monotonic() < untilMs) return undefined;
    const pending = this.asked.get(id) ?? this.ask(id);
    return pending;
  }

  private ask(id: number): Promise<RegisteredSchema | undefined> {
    const answer = this.fetch(id)
      .then((found) => {
        this.note(id, found);
        return found;
      })
      .finally(() => this.asked.delete(id));
    this.asked.set(id, answer);
    return answer;
  }

  private note(id: number, found: RegisteredSchema | undefined): void {
    this.unknown.delete(id);
    if (found === undefined) {
      this.unknown.set(id, this.clock.monotonic() + UNKNOWN_MS);
      forgetFirst(this.unknown, UNKNOWN_MAX);
      return;
    }
    this.known.set(id, found);
    forgetFirst(this.known, KNOWN_MAX);
  }
}
