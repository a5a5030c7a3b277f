import { element } from '../assets/dom.js';
import { amount } from '../assets/format.js';
import { tableOf } from './result-tables.js';
import { periodWords } from './result-words.js';

const key = (kind, name, value = null) =>
  element(
    'li',
    { class: `key key-${kind}` },
    name,
    value === null ? null : ' ',
    value && element('b', {}, value),
  );

const range = ({ lower, upper }, index) =>
  lower[index] === null || upper[index] === null
    ? null
    : `${amount(lower[index])} – ${amount(upper[index])}`;

const single = (values, index) => (values[index] === null ? null : amount(values[index]));

const hint = () =>
  `${matchMedia('(hover: hover)').matches ? 'Move over' : 'Touch'} the chart to read it`;

const bandKeys = (frame, valueOf) => {
  const { inner, outer } = frame.levels;
  const keys = [key('inner', `${inner} %`, valueOf(frame.inner))];
  if (outer !== inner) keys.push(key('outer', `${outer} %`, valueOf(frame.outer)));
  return keys;
};

/** Keys of the lines and, where a period is pointed at, what they say there. */
export const renderForecastLegend = (host, { frame, index, data }) => {
  if (frame === null) return;
  if (index === null) {
    const misses = frame.misses.length;
    host.replaceChildren(
      element('li', { class: 'at' }, hint()),
      ...[key('actual', 'actual'), key('mean', 'forecast'), ...bandKeys(frame, () => null)],
      ...(misses > 0 ? [key('miss', `outside ${frame.levels.outer} %`, String(misses))] : []),
    );
    return;
  }
  const step = frame.steps[index];
  const ahead = step === null ? '' : `, step ${step}`;
  host.replaceChildren(
    element('li', { class: 'at' }, `${periodWords(data, frame.times[index])}${ahead}`),
    key('actual', 'actual', single(frame.actual, index)),
    key('mean', 'forecast', single(frame.mean, index)),
    ...bandKeys(frame, (bounds) => range(bounds, index)),
  );
};

/** The same numbers as the chart, for those who do not see it or want to copy them. */
export const renderForecastTable = (host, { frame, name, data }) => {
  const { inner, outer } = frame.levels;
  const heads = ['Period', 'Step', 'Actual', 'Forecast', `${inner} % interval`];
  const rows = frame.times.flatMap((time, index) => {
    if (frame.steps[index] === null) return [];
    const cells = [
      ...[String(frame.steps[index]), amount(frame.actual[index]), amount(frame.mean[index])],
      ...[range(frame.inner, index) ?? '–', range(frame.outer, index) ?? '–'],
    ];
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, periodWords(data, time)),
      ...cells.map((cell) => element('td', {}, cell)),
    );
  });
  host.replaceChildren(
    tableOf(`${name}: forecasts and what came`, [...heads, `${outer} % interval`], rows),
  );
};
