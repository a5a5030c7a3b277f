import type { OnlineFreshness, SeriesState } from './online-store.ts';
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
  const states: Record<SeriesState, number> = { fresh: 0, late: 0, stale: 0, dead: 0 };
  const oldest = new Oldest(stalestMax);
  const cadences = new Map<string, { periodMs: number; lastEventMs: number }>();
  for (const stream of streams) {
    const { frequency, periodMs } = stream.options;
    const cadence = cadences.get(frequency) ?? { periodMs, lastEventMs: -Infinity };
    cadences.set(frequency, cadence);
    for (const series of stream.all.values()) {
      states[stream.stateOf(series, nowMs)] += 1;
      if (series.lastEventMs === -Infinity) continue;
      cadence.lastEventMs = Math.max(cadence.lastEventMs, series.lastEventMs);
      oldest.offer(series.id, Math.max(0, stream.ageOf(series, nowMs)));
    }
  }
  return {
    states,
    stalest: once(oldest.found),
    cadences: [...cadences].map(([cadence, { periodMs, lastEventMs }]) => ({
      cadence,
      periodMs,
      lastEventMs: lastEventMs === -Infinity ? undefined : lastEventMs,
    })),
  };
};
