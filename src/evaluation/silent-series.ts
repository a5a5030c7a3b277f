import { upTo, type SeriesHistory } from './history.ts';

/** Why nothing was forecast of a series. */
export type SilenceReason = 'ended' | 'unborn' | 'empty';

/**
 * Of the series that no forecast spoke of, which ended before the first origin, begin behind the
 * last one, or have no value up to it.
 */
export const silentSeries = (
  series: readonly SeriesHistory[],
  heard: ReadonlySet<string>,
  [first, last]: readonly [first: number, last: number],
): ReadonlyMap<SilenceReason, readonly string[]> => {
  const silent = new Map<SilenceReason, string[]>();
  for (const one of series) {
    if (heard.has(one.seriesId)) continue;
    const silence = silenceOf(one, first, last);
    const known = silent.get(silence) ?? [];
    known.push(one.seriesId);
    silent.set(silence, known);
  }
  return silent;
};

const silenceOf = (one: SeriesHistory, first: number, last: number): SilenceReason => {
  const { firstPeriod, values } = one;
  if (firstPeriod > last) return 'unborn';
  if (upTo(one, last).values.every(Number.isNaN)) return 'empty';
  return firstPeriod + values.length <= first ? 'ended' : 'empty';
};
