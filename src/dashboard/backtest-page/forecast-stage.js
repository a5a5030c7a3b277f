import { seriesChart } from '../assets/chart.js';
import { timeLabels } from '../assets/chart-ticks.js';
import { byId, segments } from '../assets/dom.js';
import { count } from '../assets/format.js';
import { factsOf, fillSelect, noteOf, spansOf } from './forecast-choice.js';
import { forecastFrame } from './forecast-frame.js';
import { renderForecastLegend, renderForecastTable } from './forecast-words.js';
import { month, periodWords } from './result-words.js';

const VIEWS = [
  { value: 'chart', label: 'Chart' },
  { value: 'table', label: 'Table' },
];
const NUMBERS = {
  hasTime: false,
  names: (ticks) => ticks.map((tick) => (Number.isInteger(tick) ? count(tick) : '')),
};
const CLOCK = { hasTime: true, names: timeLabels };
const MONTHS = { hasTime: true, names: (ticks) => ticks.map((tick) => month(1000 * tick)) };

const periodsOf = ({ zone, frequency }) => {
  if (zone === null) return NUMBERS;
  return frequency.endsWith('mo') ? MONTHS : CLOCK;
};

/** Where a frame is drawn, as a chart or as a table. */
const frameView = (data) => {
  const [chartHost, tableHost, legend] = [byId('chart'), byId('table'), byId('legend')];
  let frame = null;
  const point = (index) => renderForecastLegend(legend, { frame, index, data });
  const chart = seriesChart(chartHost, point, periodsOf(data));
  return {
    recolour: chart.recolour,
    show(next, { name, view }) {
      frame = next;
      const ends = [frame.starts[0], frame.times.at(-1)].map((time) => periodWords(data, time));
      chartHost.setAttribute(
        'aria-label',
        `Chart of ${name} from ${ends.join(' to ')}; arrow keys read single periods, and the ` +
          'table has all.',
      );
      chartHost.hidden = view !== 'chart';
      legend.hidden = view !== 'chart';
      tableHost.hidden = view !== 'table';
      point(null);
      if (view === 'chart') chart.show(frame);
      else renderForecastTable(tableHost, { frame, name, data });
    },
  };
};

/** Which forecasts of a series are drawn: `span` of them from `first` on. */
class Shown {
  drawn = null;
  first = 0;
  span = 1;
  view = 'chart';

  get last() {
    return this.drawn.forecasts.length - this.span;
  }

  moveTo(first) {
    this.first = Math.max(0, Math.min(first, this.last));
  }

  /** Those that were at the end stay there. */
  widenTo(span) {
    const end = this.first + this.span;
    this.span = span;
    this.moveTo(end - span);
  }

  get forecasts() {
    return this.drawn.forecasts.slice(this.first, this.first + this.span);
  }
}

const listen = (shown, draw) => {
  const change = (what) => {
    what();
    draw();
  };
  const { press } = segments(byId('views'), VIEWS, (view) =>
    change(() => Object.assign(shown, { view })),
  );
  press(shown.view);
  byId('earlier').addEventListener('click', () =>
    change(() => shown.moveTo(shown.first - shown.span)),
  );
  byId('later').addEventListener('click', () =>
    change(() => shown.moveTo(shown.first + shown.span)),
  );
};

/** Forecasts of one series beside what came; which series and which forecasts can be chosen. */
export const forecastStage = (data) => {
  const [select, spansHost] = [byId('series'), byId('spans')];
  const shown = new Shown();
  const view = frameView(data);

  const draw = () => {
    const { forecasts, first, last, drawn } = shown;
    const frame = forecastFrame({ forecasts, times: data.times, levels: data.levels });
    byId('earlier').disabled = first === 0;
    byId('later').disabled = first === last;
    view.show(frame, { name: drawn.seriesId, view: shown.view });
  };

  const chooseSpan = (span) => {
    shown.widenTo(span);
    draw();
  };
  const show = (seriesId) => {
    const drawn = data.drawn.find((one) => one.seriesId === seriesId);
    const result = data.series.find((one) => one.seriesId === seriesId);
    if (drawn === undefined || result === undefined) return;
    select.value = seriesId;
    byId('series-heading').textContent = seriesId;
    byId('series-facts').textContent = factsOf(result, data);
    byId('series-note').textContent = noteOf(drawn, data);
    const spans = spansOf(drawn, data);
    Object.assign(shown, { drawn, span: spans[Math.min(1, spans.length - 1)].value });
    shown.moveTo(Infinity);
    segments(spansHost, spans, chooseSpan).press(shown.span);
    spansHost.hidden = spans.length < 2;
    draw();
  };

  listen(shown, draw);
  fillSelect(select, data);
  select.addEventListener('change', () => show(select.value));
  show(data.drawn[0]?.seriesId);
  return {
    recolour: view.recolour,
    choose(seriesId) {
      show(seriesId);
      byId('series-heading').focus();
    },
  };
};
