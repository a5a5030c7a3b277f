import uPlot from '../assets/uPlot.esm.js';
import { chartColours } from '../assets/chart-colours.js';
import { axisWidth } from '../assets/chart-ticks.js';
import { element } from '../assets/dom.js';
import { percent, words } from '../assets/format.js';

/** Told apart without colour; the model's line is whole. */
const DASHES = [
  [7, 4],
  [2, 3],
  [10, 3, 2, 3],
];
const PADDING = [12, 16, 0, 0];
const FONT = '11px Inter, system-ui, sans-serif';

const lineOf = (index, view) => {
  if (index === 0) return { stroke: () => view.colours.forecast, width: 2.25, points: { size: 5 } };
  const dash = DASHES[(index - 1) % DASHES.length];
  return { stroke: () => view.colours.axis, width: 1.5, dash, points: { show: false } };
};

/** How dashes look in a legend, as an image of one line. */
const sample = (index) => {
  const line = element('i', { class: `sample sample-${index % (DASHES.length + 1)}` });
  return index === 0 ? element('i', { class: 'sample sample-own' }) : line;
};

const renderLegend = (host, results, at) => {
  const items = results.map(({ model, stepWape }, index) =>
    element(
      'li',
      { class: 'line-key' },
      sample(index),
      words(model),
      at === null ? null : ' ',
      at === null ? null : element('b', {}, percent(stepWape[at] ?? null)),
    ),
  );
  const text = at === null ? 'WAPE by steps ahead' : `Step ${at + 1}`;
  host.replaceChildren(element('li', { class: 'at' }, text), ...items);
};

const axesOf = (view) => {
  const shared = { stroke: () => view.colours.axis, font: FONT, ticks: { show: false } };
  const grid = { stroke: () => view.colours.grid, width: 1 };
  return [
    {
      ...{ ...shared, grid: { show: false }, space: 36, size: 28 },
      incrs: [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1_344],
      values: (_plot, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : '')),
    },
    {
      ...{ ...shared, grid, gap: 8 },
      size: (_plot, labels) => axisWidth(labels),
      values: (_plot, ticks) => ticks.map((tick) => percent(tick, ticks[1] < 0.02 ? 1 : 0)),
    },
  ];
};

/** WAPE of each step: of the model, and of its opponents. */
export const stepsChart = (host, legend, { results, horizon }) => {
  // One step has no course: the table below says it all.
  host.hidden = horizon < 2;
  legend.hidden = host.hidden;
  if (host.hidden) return { recolour: () => undefined };
  const view = { colours: chartColours() };
  const steps = Array.from({ length: horizon }, (_, index) => index + 1);
  const columns = results.map(({ stepWape }) => steps.map((step) => stepWape[step - 1] ?? null));
  const options = {
    ...{ width: host.clientWidth, height: host.clientHeight, padding: PADDING },
    scales: {
      x: { time: false },
      y: { range: (_plot, _min, max) => [0, (max || 1) * 1.06] },
    },
    axes: axesOf(view),
    series: [{}, ...results.map((_, index) => lineOf(index, view))],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => renderLegend(legend, results, cursor.idx ?? null)] },
  };
  const plot = new uPlot(options, [steps, ...columns], host);
  renderLegend(legend, results, null);
  new ResizeObserver(() => {
    plot.setSize({ width: host.clientWidth, height: host.clientHeight });
  }).observe(host);
  host.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(horizon - 1, (plot.cursor.idx ?? -1) + move));
    plot.setCursor({ left: plot.valToPos(steps[index], 'x'), top: 0 });
  });
  return {
    recolour() {
      view.colours = chartColours();
      plot.redraw(true, true);
    },
  };
};
