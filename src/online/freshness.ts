import type { OnlineFreshness, SeriesFreshness } from './online-store.ts';
import type { StreamView } from './stream-view.ts';

interface Aged {
  readonly id: string;
  readonly ageMs: number;
}

/** The oldest few of many, without sorting them all. */
class Oldest {
  readonly found: Aged[] = [];
  private readonly countMax: number;

  constructor(countMax: number) {
    this.countMax = countMax;
  }

  offer(id: string, ageMs: number): void {
    const { found, countMax } = this;
    if (found.length >= countMax && ageMs <= (found.at(-1)?.ageMs ?? Infinity)) return;
    const at = found.findIndex((one) => one.ageMs < ageMs);
    found.splice(at < 0 ? found.length : at, 0, { id, ageMs });
    if (found.length > countMax) found.pop();
  }
}

/** One entry an id: two streams may have a series of one name, and a label names it once. */
const once = (aged: readonly Aged[]): readonly Aged[] => {
  const seen = new Set<string>();
  return aged.filter(({ id }) => !seen.has(id) && seen.add(id));
};

export const freshnessOf = (
  streams: Iterable<StreamView>,
  nowMs: number,
  stalestMax: number,
): OnlineFreshness => {
  const states: Record<SeriesFreshness, number> = { fresh: 0, late: 0, stale: 0, dead: 0 };
  const oldest = new Oldest(stalestMax);
  const cadences: OnlineFreshness['cadences'][number][] = [];
  for (const stream of streams) {
    const { name, frequency, periodMs } = stream.options;
    let lastEventMs = -Infinity;
    for (const series of stream.all.values()) {
      const state = stream.stateOf(series, nowMs);
      states[state] += 1;
      if (series.lastEventMs === -Infinity) continue;
      lastEventMs = Math.max(lastEventMs, series.lastEventMs);
      // Nobody waits for a dead one: those would hide every other, and for ever.
      if (state !== 'dead') oldest.offer(series.id, Math.max(0, stream.ageOf(series, nowMs)));
    }
    cadences.push({
      ...{ stream: name, cadence: frequency, periodMs },
      lastEventMs: lastEventMs === -Infinity ? undefined : lastEventMs,
    });
  }
  return {
    states,
    stalest: once(oldest.found),
    cadences,
  };
};
