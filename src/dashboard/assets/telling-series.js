import { read } from './api.js';

/** Series that are looked at before one is opened, and how much of each. */
const CANDIDATES_MAX = 6;
const PERIODS = 48;

/**
 * The list does not say how large the values of a series are. Relative errors fall as counts grow,
 * so those with the least error are looked at; an error of nothing is a series that stands still.
 */
export const candidatesOf = (listed) => {
  const fresh = listed.filter(({ stale }) => !stale);
  const scored = (series) =>
    series.filter(({ wape }) => wape > 0).sort((one, other) => one.wape - other.wape);
  const pools = [scored(fresh), fresh, scored(listed), listed];
  const known = pools.find(({ length }) => length > 0) ?? [];
  return known.slice(0, CANDIDATES_MAX).map(({ id }) => id);
};

const meanSize = ({ actuals }) => {
  const values = actuals.values.filter((value) => value !== null);
  const sum = values.reduce((total, value) => total + Math.abs(value), 0);
  return values.length === 0 ? 0 : sum / values.length;
};

/** The id of the series whose recent actuals are the largest; the first of equal ones. */
export const largestOf = (read) => {
  let [largest] = read;
  for (const series of read) if (meanSize(series) > meanSize(largest)) largest = series;
  return largest?.id ?? null;
};

/** The series to open when nobody named one; null where there is none. */
export const tellingSeries = async (stream, listed, ask = read) => {
  const ids = candidatesOf(listed);
  const answers = await Promise.all(
    ids.map((id) => ask(`series/${encodeURIComponent(id)}`, { stream, periods: PERIODS })),
  );
  return largestOf(answers.flatMap(({ value }) => value ?? [])) ?? ids[0] ?? null;
};
