import { byId, element, segments } from '../assets/dom.js';
import { count, percent } from '../assets/format.js';

/** Further from the level than this many standard errors is more than chance. */
const CHANCE = 2;
/** Of fewer pairs nothing is said: a share of them is mostly chance. */
const PAIRS_MIN = 20;
/** How far a share is from its level, for the strength of a colour. */
const FAR = [0.02, 0.06, 0.12];
const MINUS = '\u2212';

const sum = (values) => values.reduce((total, value) => total + value, 0);

const farness = (share, nominal, n) => {
  const distance = Math.abs(share - nominal);
  const error = Math.sqrt((nominal * (1 - nominal)) / n);
  if (n < PAIRS_MIN || distance < CHANCE * error) return 0;
  return FAR.filter((far) => distance >= far).length;
};

const cellOf = ({ covered, n, nominal }, where) => {
  if (n === 0)
    return element('td', { class: 'empty' }, element('span', { class: 'hidden-text' }, 'none'));
  const share = covered / n;
  const strength = farness(share, nominal, n);
  const side = share < nominal ? 'low' : 'high';
  const plain = n < PAIRS_MIN ? 'few' : null;
  const sign = strength === 0 ? '' : side === 'low' ? '▾' : '▴';
  return element(
    'td',
    {
      class: strength === 0 ? plain : `${side}-${strength}`,
      title: `${where}: ${percent(share)} of ${count(n)}, ${percent(nominal, 0)} is right`,
    },
    (100 * share).toFixed(0),
    element('small', { 'aria-hidden': 'true' }, sign),
  );
};

const difference = (share, nominal) => {
  const points = 100 * (share - nominal);
  return `${points < 0 ? MINUS : '+'}${Math.abs(points).toFixed(1)}`;
};

const rowOf = ({ name, counts, covered, columns, nominal }) => {
  const [n, inside] = [sum(counts), sum(covered)];
  const cells = columns.map(({ index, name: column }) =>
    cellOf({ covered: covered[index], n: counts[index], nominal }, `${name}, ${column}`),
  );
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    ...cells,
    cellOf({ covered: inside, n, nominal }, name),
    element('td', { class: 'aside' }, difference(inside / n, nominal)),
    element('td', { class: 'aside' }, count(n)),
  );
};

/** The sums of columns. */
const allOf = (grid, width) =>
  Array.from({ length: width }, (_, column) => sum(grid.map((row) => row[column])));

const bodyOf = ({ rows, counts }, covered, { columns, nominal }) => {
  const known = [...rows.entries()].filter(([row]) => sum(counts[row]) > 0);
  const width = counts[0]?.length ?? 0;
  const all = { counts: allOf(counts, width), covered: allOf(covered, width) };
  return [
    ...known.map(([row, name]) =>
      rowOf({ name, counts: counts[row], covered: covered[row], columns, nominal }),
    ),
    rowOf({ name: 'All', ...all, columns, nominal }),
  ];
};

const headOf = ({ rowTitle, columnTitle }, columns, level) => {
  const column = (text, attributes = {}) => element('th', { scope: 'col', ...attributes }, text);
  const names = columns.map(({ name }) => column(name));
  return element(
    'thead',
    {},
    element(
      'tr',
      {},
      element('td', {}),
      element('th', { colspan: columns.length, scope: 'colgroup' }, columnTitle),
      element('td', { colspan: 3 }),
    ),
    element(
      'tr',
      {},
      ...[column(rowTitle), ...names, column('All'), column(`vs ${level}`), column('n')],
    ),
  );
};

/** A heat table of the share of actuals inside an interval, for a level that is chosen. */
export const coverageTable = ({ coverage, levels }) => {
  const host = byId('coverage');
  const width = coverage.counts[0]?.length ?? 0;
  const totals = allOf(coverage.counts, width);
  const columns = coverage.columns
    .map((name, index) => ({ name: name.replace('-', '–'), index }))
    .filter(({ index }) => totals[index] > 0);
  const show = (level) => {
    const covered = coverage.covered[levels.indexOf(level)];
    byId('coverage-note').textContent =
      `Percent of actuals inside the ${level} % interval, where ${level} is right. Tinted where off ` +
      `by more than ${CHANCE} standard errors: ▾ too few inside, ▴ too many. Pale: fewer than ` +
      `${PAIRS_MIN} values.`;
    const caption = `Coverage of ${level} % by ${coverage.rowTitle} and ${coverage.columnTitle}`;
    host.replaceChildren(
      element(
        'table',
        { class: 'figures heat' },
        element('caption', { class: 'hidden-text' }, caption),
        headOf(coverage, columns, level),
        element('tbody', {}, ...bodyOf(coverage, covered, { columns, nominal: level / 100 })),
      ),
    );
  };
  const options = levels.map((level) => ({ value: level, label: `${level} %` }));
  byId('levels').hidden = levels.length < 2;
  segments(byId('levels'), options, show).choose(levels[0]);
};
