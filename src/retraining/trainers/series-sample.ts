import { contentHash } from '../../core/content-hash.ts';
import type { TrainingSeries } from '../trainer.ts';

interface Ranked {
  readonly rank: string;
  readonly series: TrainingSeries;
}

/**
 * Keeps as many series as fit into `valuesMax` values, chosen by the hash of their ids: the same
 * ones in whatever order they come, and no more memory than that while they do. Sorted by id.
 */
export const sampleSeries = (
  all: Iterable<TrainingSeries>,
  valuesMax: number,
): readonly TrainingSeries[] => {
  // Ascending by rank; from `cut` on nothing is taken any more.
  const kept: Ranked[] = [];
  let cut: string | undefined;
  let values = 0;
  for (const series of all) {
    const rank = contentHash([series.seriesId]);
    if (cut !== undefined && rank >= cut) continue;
    kept.splice(placeOf(kept, rank), 0, { rank, series });
    values += series.values.length;
    while (values > valuesMax) {
      const last = kept.pop();
      if (last === undefined) break;
      values -= last.series.values.length;
      cut = last.rank;
    }
  }
  return kept
    .map(({ series }) => series)
    .sort((one, other) => (one.seriesId < other.seriesId ? -1 : 1));
};

const placeOf = (kept: readonly Ranked[], rank: string): number => {
  let [low, high] = [0, kept.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.rank ?? '') < rank) low = middle + 1;
    else high = middle;
  }
  return low;
};
