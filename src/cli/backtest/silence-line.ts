import type { SeriesHistory } from '../../evaluation/history.ts';
import { silentSeries, type SilenceReason } from '../../evaluation/silent-series.ts';

const REASONS: Readonly<Record<SilenceReason, string>> = {
  ended: 'ended before the first origin',
  unborn: 'begin behind the last one',
  empty: 'have no value before an origin',
};
const NAMES_MAX = 3;

const shown = (reason: string, ids: readonly string[]): string => {
  const names = ids.slice(0, NAMES_MAX).join(', ');
  const more = ids.length > NAMES_MAX ? ', …' : '';
  return `${ids.length} ${reason} (${names}${more})`;
};

/** `2 of 9 series have no forecast: 2 ended before the first origin (a, b)`; undefined for none. */
export const silenceLine = (
  series: readonly SeriesHistory[],
  heard: ReadonlySet<string>,
  origins: readonly [first: number, last: number],
): string | undefined => {
  const silent = silentSeries(series, heard, origins);
  const reasons = [...silent].map(([silence, ids]) => shown(REASONS[silence], ids));
  if (reasons.length === 0) return undefined;
  const count = [...silent.values()].reduce((sum, ids) => sum + ids.length, 0);
  const advice = silent.has('ended')
    ? '; origins are counted back from the last period of all series: ask for a longer ' +
      '--holdout, or for more --origins, to see those that ended early'
    : '';
  return `${count} of ${series.length} series have no forecast: ${reasons.join(', ')}${advice}`;
};
