const nothing = (length) => Array.from({ length }, () => null);

/** The values of some forecasts by period; later ones do not overlap earlier ones. */
const gather = (forecasts) => {
  const rows = new Map();
  for (const { from, origin, actual, mean, lower, upper } of forecasts) {
    for (const [index, value] of actual.entries()) {
      const step = from + index - origin - 1;
      const at = (column) => (step < 0 ? null : (column[step] ?? null));
      rows.set(from + index, {
        actual: value,
        step: step < 0 ? null : step + 1,
        mean: at(mean),
        bounds: [at(lower[0]), at(upper[0]), at(lower[1]), at(upper[1])],
      });
    }
  }
  return rows;
};

const GAP = { actual: null, step: null, mean: null, bounds: [null, null, null, null] };

/** Rows in the order of time, with an empty one where periods are left out: a gap, no bridge. */
const ordered = (rows, timeOf) => {
  const out = [];
  let before = null;
  for (const period of [...rows.keys()].sort((one, other) => one - other)) {
    if (before !== null && period !== before + 1) {
      out.push({ ...GAP, time: (timeOf(before) + timeOf(period)) / 2 });
    }
    out.push({ ...rows.get(period), time: timeOf(period) });
    before = period;
  }
  return out;
};

const isMissed = ({ actual, bounds: [, , low, high] }) =>
  actual !== null && low !== null && high !== null && (actual < low || actual > high);

/**
 * What the chart of the dashboard draws, of some forecasts of a backtest: one column a line, on one
 * row of times. `steps` says how far ahead each period was seen.
 */
export const forecastFrame = ({ forecasts, times, levels }) => {
  const timeOf = (period) => times[period];
  const rows = ordered(gather(forecasts), timeOf);
  const { length } = rows;
  const bound = (index) => rows.map(({ bounds }) => bounds[index]);
  const none = { lower: nothing(length), upper: nothing(length) };
  return {
    times: rows.map(({ time }) => time),
    levels: { inner: levels[0], outer: levels.at(-1) },
    actual: rows.map(({ actual }) => actual),
    mean: rows.map(({ mean }) => mean),
    steps: rows.map(({ step }) => step),
    inner: { lower: bound(0), upper: bound(1) },
    outer: { lower: bound(2), upper: bound(3) },
    past: nothing(length),
    pastInner: none,
    pastOuter: none,
    misses: rows.flatMap((row, index) => (isMissed(row) ? [index] : [])),
    starts: forecasts.map(({ origin }) => timeOf(origin + 1)),
  };
};
