/** Share below which two errors read the same on this page: `0.0 %`. */
const LEAST = 0.0005;

/** Whether forecasts of a series err more than its best naive, by as much as can be read here. */
export const isWorse = ({ skill }) => skill !== null && skill <= -LEAST;

const bySkill = (one, other) => one.skill - other.skill;

/** Series that a verdict does not hold for: those that the naive beats, the worst first; stale ones. */
export const exceptionsOf = (listed) => ({
  worse: listed.filter((series) => !series.stale && isWorse(series)).sort(bySkill),
  stale: listed.filter(({ stale }) => stale),
});

/** At most `most` of them, half of each kind; where one kind has fewer, the other has its places. */
export const namedOf = ({ worse, stale }, most) => {
  const half = Math.ceil(most / 2);
  const worseMax = Math.max(half, most - stale.length);
  const named = worse.slice(0, worseMax);
  return [...named, ...stale.slice(0, most - named.length)];
};

/** The whole list with the exceptions above; then the least skilled first, those without at last. */
export const worstFirst = (listed) => {
  const { worse, stale } = exceptionsOf(listed);
  const others = listed.filter((series) => !series.stale && !isWorse(series));
  const scored = others.filter(({ skill }) => skill !== null).sort(bySkill);
  const unscored = others.filter(({ skill }) => skill === null);
  return [...worse, ...stale, ...scored, ...unscored];
};
