import { contentHash } from '../core/content-hash.ts';
import type { TrainingSeries } from './trainer.ts';

/** Float64 values that are learnt from at once: 240 MB, held twice while a worker gets them. */
export const VALUES_MAX = 30_000_000;

interface Ranked {
  readonly rank: string;
  readonly seriesId: string;
}

/**
 * Which series are kept where all are too many: those whose ids have the least hashes, the same
 * ones in whatever order they come.
 */
export class SeriesSample {
  /** Those that are in, ascending by rank; from `cut` on nothing is taken any more. */
  private ranked: Ranked[] = [];
  private cut: string | undefined;

  /** Takes a series in; false: too many were there already for one of its hash. */
  admit(seriesId: string): boolean {
    const rank = contentHash([seriesId]);
    if (this.cut !== undefined && rank >= this.cut) return false;
    this.ranked.splice(placeOf(this.ranked, rank), 0, { rank, seriesId });
    return true;
  }

  /** Lets one go, since all are too large; undefined: there is none. */
  evict(): string | undefined {
    const last = this.ranked.pop();
    if (last !== undefined) this.cut = last.rank;
    return last?.seriesId;
  }

  /** Takes these out as if they had never come. */
  forget(seriesIds: { has(seriesId: string): boolean }): void {
    this.ranked = this.ranked.filter((one) => !seriesIds.has(one.seriesId));
  }
}

const placeOf = (ranked: readonly Ranked[], rank: string): number => {
  let [low, high] = [0, ranked.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranked[middle]?.rank ?? '') < rank) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * Keeps as many series as fit into `valuesMax` values, and no more memory than that while they
 * come. Sorted by id.
 */
export const sampleSeries = (
  all: Iterable<TrainingSeries>,
  valuesMax = VALUES_MAX,
): readonly TrainingSeries[] => {
  const sample = new SeriesSample();
  const kept = new Map<string, TrainingSeries>();
  let values = 0;
  for (const series of all) {
    if (!sample.admit(series.seriesId)) continue;
    kept.set(series.seriesId, series);
    values += series.values.length;
    while (values > valuesMax) {
      const gone = sample.evict();
      if (gone === undefined) break;
      values -= kept.get(gone)?.values.length ?? 0;
      kept.delete(gone);
    }
  }
  return [...kept.values()].sort((one, other) => (one.seriesId < other.seriesId ? -1 : 1));
};
