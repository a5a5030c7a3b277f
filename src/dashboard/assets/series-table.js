import { element } from './dom.js';
import { amount, instant } from './format.js';

const HEADS = (inner, outer) => [
  'Period start (UTC)',
  'Actual',
  'Forecast',
  `${inner} % lower`,
  `${inner} % upper`,
  `${outer} % lower`,
  `${outer} % upper`,
];

const rowOf = (frame, index) => {
  const isAhead = frame.mean[index] !== null;
  const [inner, outer] = isAhead ? [frame.inner, frame.outer] : [frame.pastInner, frame.pastOuter];
  const cells = [
    frame.actual[index],
    isAhead ? frame.mean[index] : frame.past[index],
    inner.lower[index],
    inner.upper[index],
    outer.lower[index],
    outer.upper[index],
  ];
  return element(
    'tr',
    { class: isAhead ? 'is-ahead' : null },
    element('th', { scope: 'row' }, instant(frame.times[index])),
    ...cells.map((value) => element('td', {}, amount(value))),
  );
};

/** Begins where the known ends: the next forecasts above, the last actuals below. */
const showNow = (host) => {
  const last = host.querySelector('tbody tr:not(.is-ahead)');
  if (last !== null) host.scrollTop = last.offsetTop - host.clientHeight / 2;
};

/** The same numbers as the chart, latest first, for those who do not see it or want to copy them. */
export const renderTable = (host, frame, name) => {
  const { inner, outer } = frame.levels;
  const heads = HEADS(inner, outer).map((text) => element('th', { scope: 'col' }, text));
  const rows = frame.times.map((_, index) => rowOf(frame, frame.times.length - 1 - index));
  const caption = `${name}: forecasts (tinted) and actuals, latest first. Beside an actual, what was forecast one step ahead.`;
  const isNew = host.querySelector('caption')?.textContent !== caption;
  host.replaceChildren(
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...rows),
    ),
  );
  if (isNew) showNow(host);
};
