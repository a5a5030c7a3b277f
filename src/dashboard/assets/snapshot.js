import { read } from './api.js';

/** As many as the API gives at once, and what four requests can hold: a larger stream is searched. */
const PAGE = 500;
const PAGES_MAX = 4;

const readList = async (stream, ask) => {
  const page = (index) => ask('series', { stream, limit: PAGE, offset: index * PAGE });
  const first = await page(0);
  if (!first.value) return first;
  const pages = Math.min(PAGES_MAX, Math.ceil(first.value.total / PAGE));
  const others = Array.from({ length: Math.max(0, pages - 1) }, (_, index) => page(index + 1));
  const rest = await Promise.all(others);
  const all = [first, ...rest].flatMap(({ value }) => value?.series ?? []);
  // A series that came between two pages moves the others: one may stand on both.
  const series = [...new Map(all.map((one) => [one.id, one])).values()];
  return { value: { ...first.value, series } };
};

/**
 * Where every series is listed, the share that is fresh is counted in the list: two answers a
 * moment apart would contradict each other on one page.
 */
const agreeing = (status, list) => {
  if (!status.value || !list.value) return status;
  const { stream: name, total, series } = list.value;
  if (total === 0 || series.length < total) return status;
  const countOf = (...states) => series.filter(({ state }) => states.includes(state)).length;
  const deadCount = countOf('dead');
  const living = total - deadCount;
  const freshShare = living === 0 ? null : countOf('fresh', 'late') / living;
  const streams = status.value.streams.map((stream) =>
    stream.name === name ? { ...stream, seriesCount: total, deadCount, freshShare } : stream,
  );
  return { value: { ...status.value, streams } };
};

/** All that the page says of a stream, asked for at once, so that its parts are of one moment. */
export const readSnapshot = async (stream, ask = read) => {
  const [status, list, accuracy, models] = await Promise.all([
    ask('status', {}),
    readList(stream, ask),
    ask('accuracy', { stream }),
    ask('models', { stream }),
  ]);
  return { status: agreeing(status, list), list, accuracy, models };
};
