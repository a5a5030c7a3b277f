import { latestRead } from './api.js';
import { blank, bones, failureNote } from './dom.js';
import { withForecast, withScore } from './series-frame.js';
import { seriesPage } from './series-page.js';
import { delayed, throttled } from './throttle.js';

/** Two weeks of hours, as much as the longest span shows. */
const PERIODS = 336;
const REDRAW_EVERY_MS = 250;
/** The error of a series changes slowly with each score: it is read again, not computed here. */
const READ_EVERY_MS = 5_000;

/** One series: what of it was read, and how events keep it up. */
export const seriesView = () => {
  const page = seriesPage();
  const readSeries = latestRead();
  let wanted = null;
  let series = null;

  const load = async () => {
    if (wanted === null) return;
    const path = `series/${encodeURIComponent(wanted.id)}`;
    const { value, failure } = await readSeries(path, { stream: wanted.stream, periods: PERIODS });
    if (value) {
      series = value;
      page.show(series);
    } else if (!failure.isAbandoned && (series === null || failure.status !== 0)) {
      // Without a connection the page says so elsewhere, and what was drawn before stays.
      series = null;
      page.note(wanted.id, failureNote('The series', failure.message, load));
    }
  };
  const redraw = throttled(() => series !== null && page.redraw(series), REDRAW_EVERY_MS);
  const readAgain = delayed(load, READ_EVERY_MS);

  return {
    load,
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
      readAgain();
    },
    tick: page.tick,
    recolour: page.recolour,
  };
};
