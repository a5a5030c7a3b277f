import { latestRead } from './api.js';
import { worstFirst } from './exceptions.js';
import { plural } from './format.js';

/** More than anyone scrolls through; a search finds the rest. */
const LISTED_MAX = 500;

export const noteOf = ({ total, series }, search) => {
  if (total === 0) {
    return search === '' ? 'No series yet: the first event makes one.' : 'No series has this name.';
  }
  const shown = total > series.length ? `first ${series.length} of ` : '';
  return `${shown}${plural(total, 'series')} · error / best naive, 7 days`;
};

/** What of the list is shown: those with `search` in their id, in the order that was chosen. */
export const foundIn = ({ series }, { search, order }) => {
  const wanted = search.toLowerCase();
  const found = series.filter(({ id }) => id.toLowerCase().includes(wanted));
  const ordered = order === 'worst' ? worstFirst(found) : found;
  return { total: found.length, series: ordered.slice(0, LISTED_MAX) };
};

/**
 * Finds series in the list that the page knows, or, where a stream is too large for it, by asking;
 * answers `{ value }` or `{ failure }`.
 */
export const seriesSearch = () => {
  const readFound = latestRead();
  return async (whole, { search, order }) => {
    const isWhole = whole.series.length >= whole.total;
    if (search !== '' && !isWhole) {
      return readFound('series', { stream: whole.stream, search, limit: LISTED_MAX });
    }
    const found = foundIn(whole, { search, order });
    return { value: isWhole ? found : { ...found, total: whole.total } };
  };
};
