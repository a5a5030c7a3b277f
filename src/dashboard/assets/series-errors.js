import { element, refill } from './dom.js';
import { isWorse } from './exceptions.js';
import { amount, count, percent, plural, signedPercent, words } from './format.js';
import { apart } from './skill-words.js';
import { term } from './term.js';

const WINDOWS = { '1d': 'last day', '7d': 'last 7 days', '28d': 'last 28 days' };

const row = (name, value, { most, isOwn }) => {
  const bar = element('i');
  // Through the object model: the page's policy forbids styles in markup.
  bar.style.width = `${most > 0 ? (100 * value) / most : 0}%`;
  return element(
    'div',
    { class: isOwn ? 'row is-own' : 'row' },
    element('span', {}, name),
    element('span', {}, percent(value)),
    element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
  );
};

const duel = ({ wape, naive }) => {
  const rivals = Object.entries(naive)
    .filter(([, value]) => value !== null)
    .sort(([, one], [, other]) => one - other);
  const most = Math.max(wape ?? 0, ...rivals.map(([, value]) => value));
  return element(
    'div',
    { class: 'duel' },
    row('forecast', wape, { most, isOwn: true }),
    ...rivals.map(([name, value]) => row(words(name), value, { most, isOwn: false })),
  );
};

const CLAIMS = ['worse than', 'better than', 'As good as'];

const claim = ({ skill }) => {
  if (skill === null) {
    const naive = term('naive', 'naive rule');
    return element('p', { class: 'claim quiet' }, 'No ', naive, ' to compare with yet.');
  }
  const isBad = isWorse({ skill });
  const attributes = { class: 'claim', 'data-state': isBad ? 'bad' : null };
  const naive = term('naive', 'best naive');
  const named = element('span', { class: 'unbroken' }, naive, isBad ? ':' : '.');
  return element(
    'p',
    attributes,
    `${apart(skill, CLAIMS)} the `,
    named,
    isBad ? ' do not rely on it.' : null,
  );
};

const pair = (name, value, note = null) => [
  element('dt', {}, name),
  element('dd', {}, value, note === null ? null : element('small', {}, note)),
];

const biasNote = (bias) => {
  if (bias === null || Math.abs(bias) < 0.0005) return null;
  return bias > 0 ? 'forecasts too high' : 'forecasts too low';
};

/** The current error of one series against its naive opponents, with window and n. */
export const renderErrors = (host, { error }) => {
  const window = WINDOWS[error.window] ?? error.window;
  const heading = [
    element('h3', {}, 'Error (', term('wape', 'WAPE'), ')'),
    element(
      'p',
      { class: 'window quiet' },
      `${window}, n = ${plural(error.count, 'scored step')}, UTC`,
    ),
  ];
  if (error.wape === null) {
    const text = 'Nothing scored yet: the first forecast matures with the next closed period.';
    return refill(host, ...heading, element('p', { class: 'quiet' }, text));
  }
  const coverage = error.coverage.flatMap(({ level, share }) =>
    pair(`${level} % held`, percent(share)),
  );
  return refill(
    host,
    ...heading,
    duel(error),
    claim(error),
    element(
      'dl',
      { class: 'pairs' },
      ...pair(term('mase', 'MASE'), amount(error.mase)),
      ...pair('Bias', signedPercent(error.bias), biasNote(error.bias)),
      ...coverage,
      ...pair('n', count(error.count)),
    ),
  );
};
