import { latestRead } from './api.js';
import { blank, bones, failureNote } from './dom.js';
import { withForecast, withScore } from './series-frame.js';
import { seriesPage } from './series-page.js';
import { throttled } from './throttle.js';

/** Two weeks of hours, as much as the longest span shows. */
const PERIODS = 336;
const REDRAW_EVERY_MS = 250;

/** One series: what of it was read, and how events keep it up. */
export const seriesView = () => {
  const page = seriesPage();
  const readSeries = latestRead();
  let wanted = null;
  let series = null;

  /** Reads it, and gives what shows it: the page shows all of one moment at once. */
  const read = async () => {
    if (wanted === null) return () => undefined;
    const { stream, id } = wanted;
    const path = `series/${encodeURIComponent(id)}`;
    const { value, failure } = await readSeries(path, { stream, periods: PERIODS });
    return () => {
      if (wanted?.id !== id || wanted.stream !== stream) return;
      if (value) {
        series = value;
        page.show(series);
      } else if (!failure.isAbandoned && (series === null || failure.status !== 0)) {
        // Without a connection the page says so elsewhere, and what was drawn before stays.
        series = null;
        page.note(id, failureNote('The series', failure.message, load));
      }
    };
  };
  const load = async () => (await read())();
  const redraw = throttled(() => series !== null && page.redraw(series), REDRAW_EVERY_MS);

  return {
    read,
    open(stream, id) {
      wanted = { stream, id };
      series = null;
      page.note(id, bones());
      return load();
    },
    close() {
      wanted = null;
      series = null;
      page.note('No series', blank('No series yet', 'The first event of this stream makes one.'));
    },
    /** A forecast or score event; of a series that was left it is of no interest any more. */
    take(type, event) {
      if (event.seriesId !== series?.id || event.stream !== series.stream) return;
      series =
        type === 'forecast' ? withForecast(series, event.forecast) : withScore(series, event);
      redraw();
    },
    tick: page.tick,
    recolour: page.recolour,
  };
};
