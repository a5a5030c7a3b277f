import { element } from './dom.js';
import { amount, instant } from './format.js';

const range = ({ lower, upper }, index) => {
  const [low, high] = [lower[index], upper[index]];
  return low === null || high === null ? null : `${amount(low)} – ${amount(high)}`;
};

const single = (values, index) => (values[index] === null ? null : amount(values[index]));

const key = (kind, name, value) =>
  element(
    'li',
    { class: `key key-${kind}` },
    name,
    value === null ? null : ' ',
    value && element('b', {}, value),
  );

/** What to do to read single values: a finger does not move over anything. */
const readingHint = () =>
  `UTC · ${matchMedia('(hover: hover)').matches ? 'move over' : 'touch'} the chart to read`;

/** Keys of the lines and, where a period is pointed at, what they say there. */
export const renderLegend = (host, frame, index) => {
  if (frame === null) return host.replaceChildren();
  const at = index ?? null;
  const value = (of) => (at === null ? null : of());
  const { inner, outer } = frame.levels;
  const ahead = at !== null && frame.mean[at] !== null;
  const [innerBounds, outerBounds] = ahead
    ? [frame.inner, frame.outer]
    : [frame.pastInner, frame.pastOuter];
  const keys = [
    element('li', { class: 'at' }, at === null ? readingHint() : `${instant(frame.times[at])} UTC`),
    key(
      'actual',
      'actual',
      value(() => single(frame.actual, at)),
    ),
    key(
      'past',
      'forecast one step ahead',
      value(() => single(frame.past, at)),
    ),
    key(
      'mean',
      'forecast',
      value(() => single(frame.mean, at)),
    ),
    key(
      'inner',
      `${inner} %`,
      value(() => range(innerBounds, at)),
    ),
  ];
  if (outer !== inner)
    keys.push(
      key(
        'outer',
        `${outer} %`,
        value(() => range(outerBounds, at)),
      ),
    );
  const misses = frame.misses.length;
  if (misses > 0 && at === null) keys.push(key('miss', `outside ${outer} %`, String(misses)));
  return host.replaceChildren(...keys);
};
