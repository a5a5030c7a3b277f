const NAMES = {
  actual: '--chart-actual',
  forecast: '--chart-forecast',
  past: '--chart-past',
  inner: '--chart-inner',
  outer: '--chart-outer',
  pastBand: '--chart-past-band',
  miss: '--chart-miss',
  now: '--chart-now',
  start: '--line-strong',
  grid: '--chart-grid',
  axis: '--chart-axis',
  paper: '--paper',
};

/** A canvas knows no custom properties, so they are read from the page, again after a change of theme. */
export const chartColours = () => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    Object.entries(NAMES).map(([name, property]) => [
      name,
      style.getPropertyValue(property).trim(),
    ]),
  );
};
