import uPlot from './uPlot.esm.js';
import { chartColours } from './chart-colours.js';
import { drawMarks } from './chart-marks.js';
import { axisWidth, incrementsOf, isWhole, timeLabels, valueLabels } from './chart-ticks.js';

/** Columns of the chart, in the order in which they are drawn: what matters most comes last. */
const COLUMNS = [
  (frame) => frame.outer.upper,
  (frame) => frame.outer.lower,
  (frame) => frame.inner.upper,
  (frame) => frame.inner.lower,
  (frame) => frame.pastInner.upper,
  (frame) => frame.pastInner.lower,
  (frame) => frame.past,
  (frame) => frame.mean,
  (frame) => frame.actual,
];
/** Pairs of columns (uPlot counts from 1: the times are 0) with something between them. */
const BANDS = [
  { series: [1, 2], colour: 'outer' },
  { series: [3, 4], colour: 'inner' },
  { series: [5, 6], colour: 'pastBand' },
];
/** Room above for the word at the clock's line, and at the right for half of the last day's name. */
const PADDING = [20, 24, 0, 0];
/** A series that starts near zero is drawn from zero; one far from it would be flattened. */
const FROM_ZERO_BELOW = 0.4;

const dataOf = (frame) => [
  frame.times.map((time) => time / 1000),
  ...COLUMNS.map((column) => column(frame)),
];

const yRange = (_plot, min, max) => {
  if (min === null || max === null) return [0, 1];
  const pad = (max - min || Math.abs(max) || 1) * 0.06;
  const isFromZero = min >= 0 && min < FROM_ZERO_BELOW * max;
  return [isFromZero ? 0 : min - pad, max + pad];
};

const edge = { width: 0, points: { show: false } };

const linesOf = (view) => [
  {},
  ...Array.from({ length: 6 }, () => ({ ...edge, stroke: 'transparent' })),
  { stroke: () => view.colours.past, width: 1, dash: [4, 3], points: { show: false } },
  { stroke: () => view.colours.forecast, width: 2.25, points: { show: false } },
  // A lone actual between two gaps has no line to be seen on, so uPlot draws it as a point.
  { stroke: () => view.colours.actual, width: 1.6 },
];

const axesOf = (view) => {
  const shared = {
    stroke: () => view.colours.axis,
    font: '11px Inter, system-ui, sans-serif',
    ticks: { show: false },
  };
  return [
    {
      ...shared,
      grid: { show: false },
      space: 64,
      size: 30,
      values: (_plot, ticks) => view.periods.names(ticks),
    },
    {
      ...shared,
      grid: { stroke: () => view.colours.grid, width: 1 },
      size: (_plot, labels) => axisWidth(labels),
      gap: 8,
      incrs: () => incrementsOf(view.frame !== null && isWhole(view.frame.actual)),
      values: (_plot, ticks) => valueLabels(ticks),
    },
  ];
};

/** How periods are placed and named: by a clock, as here, or by numbers. */
const CLOCK = { hasTime: true, names: timeLabels };

const optionsOf = (host, view, onPoint) => ({
  width: host.clientWidth,
  height: host.clientHeight,
  padding: PADDING,
  tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
  scales: { x: { time: view.periods.hasTime }, y: { range: yRange } },
  axes: axesOf(view),
  series: linesOf(view),
  bands: BANDS.map(({ series, colour }) => ({ series, fill: () => view.colours[colour] })),
  legend: { show: false },
  cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
  hooks: {
    draw: [(plot) => drawMarks(plot, view)],
    setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
  },
});

const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24 };

/** The hero chart: drawn by uPlot in `host`; `onPoint(index)` says which period is pointed at. */
export const seriesChart = (host, onPoint, periods = CLOCK) => {
  const view = { periods, frame: null, colours: chartColours(), now: null };
  let plot = null;
  const clear = () => {
    plot?.destroy();
    plot = null;
    view.frame = null;
  };
  new ResizeObserver(() => {
    if (host.clientWidth > 0) plot?.setSize({ width: host.clientWidth, height: host.clientHeight });
  }).observe(host);
  host.addEventListener('keydown', (event) => {
    const move = moves[event.key];
    if (move === undefined || plot === null) return;
    event.preventDefault();
    const last = view.frame.times.length - 1;
    const index = Math.max(0, Math.min(last, (plot.cursor.idx ?? last + 1) + move));
    plot.setCursor({ left: plot.valToPos(view.frame.times[index] / 1000, 'x'), top: 0 });
  });
  return {
    clear,
    show(frame) {
      view.frame = frame;
      if (plot !== null) return plot.setData(dataOf(frame));
      host.replaceChildren();
      plot = new uPlot(optionsOf(host, view, onPoint), dataOf(frame), host);
      return undefined;
    },
    tick(now) {
      view.now = now;
      if (!document.hidden) plot?.redraw(false);
    },
    recolour() {
      view.colours = chartColours();
      plot?.redraw(true, true);
    },
  };
};
