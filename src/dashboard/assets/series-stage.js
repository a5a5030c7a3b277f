import { seriesChart } from './chart.js';
import { blank, byId, segments } from './dom.js';
import { frequencyMs, plural } from './format.js';
import { renderLegend } from './legend.js';
import { frameOf } from './series-frame.js';
import { renderTable } from './series-table.js';

const SPANS = [72, 168, 336];
const DAY_MS = 86_400_000;
const VIEWS = [
  { value: 'chart', label: 'Chart' },
  { value: 'table', label: 'Table' },
];

const spanLabel = (periods, frequency) => {
  const days = (periods * frequencyMs(frequency)) / DAY_MS;
  return Number.isInteger(days) ? plural(days, 'day') : `${periods} periods`;
};

const summary = ({ id, actuals, forecast }) => {
  const last = actuals.values.at(-1) ?? 'unknown';
  const next = forecast?.mean[0] ?? 'unknown';
  return (
    `Chart of ${id}: last actual ${last}, next forecast ${next}. ` +
    'Arrow keys read single periods; the table has all.'
  );
};

/** On a narrow page two weeks of hours are a blur. */
const firstSpan = () => (matchMedia('(max-width: 760px)').matches ? SPANS[0] : SPANS[1]);

const offerSpans = ({ frequency }, span, onChoose) => {
  const host = byId('spans');
  if (host.dataset.frequency === frequency) return;
  host.dataset.frequency = frequency;
  const options = SPANS.map((value) => ({ value, label: spanLabel(value, frequency) }));
  segments(host, options, onChoose).press(span);
};

const NOTHING = () =>
  blank('Nothing to draw yet', 'The first closed period of this series will appear here.');

/** Where a series is drawn: as a chart or as a table, over the span that was chosen. */
export const seriesStage = () => {
  const [chartHost, tableHost, legend] = [byId('chart'), byId('table'), byId('legend')];
  const shown = { series: null, frame: null, span: firstSpan(), view: 'chart', pointed: null };

  const point = (index) => {
    shown.pointed = index;
    renderLegend(legend, shown.frame, index);
  };
  const chart = seriesChart(chartHost, point);
  // Read out only to whoever walks over the chart: it changes with each record besides.
  chartHost.addEventListener('focus', () => legend.setAttribute('aria-live', 'polite'));
  chartHost.addEventListener('blur', () => legend.removeAttribute('aria-live'));

  const look = (view) => {
    chartHost.hidden = view !== 'chart';
    tableHost.hidden = view !== 'table';
    // A table has the names of its columns; there is nothing to point at.
    legend.hidden = view === 'table';
  };
  const note = (node) => {
    chart.clear();
    Object.assign(shown, { series: null, frame: null, pointed: null });
    look('chart');
    chartHost.replaceChildren(node);
    legend.replaceChildren();
  };
  const draw = () => {
    const { series, span, view } = shown;
    if (series === null) return;
    const frame = frameOf(series, span);
    if (frame === null) return note(NOTHING());
    shown.frame = frame;
    look(view);
    chartHost.setAttribute('aria-label', summary(series));
    if (view === 'chart') chart.show(frame);
    else renderTable(tableHost, frame, series.id);
    return point(shown.pointed in frame.times ? shown.pointed : null);
  };
  const choose = (key) => (value) => {
    shown[key] = value;
    draw();
  };
  segments(byId('views'), VIEWS, choose('view')).press(shown.view);

  return {
    show(series) {
      shown.series = series;
      offerSpans(series, shown.span, choose('span'));
      draw();
    },
    note,
    tick: chart.tick,
    recolour: chart.recolour,
  };
};
