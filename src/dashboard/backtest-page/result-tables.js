import { button, byId, element } from '../assets/dom.js';
import { amount, count, percent, signedPercent, words } from '../assets/format.js';
import { bestOpponent, scaled } from './result-words.js';

const UNKNOWN = '–';

/** A table whose first column names its rows. */
export const tableOf = (caption, heads, rows) =>
  element(
    'table',
    { class: 'figures' },
    element('caption', { class: 'hidden-text' }, caption),
    element(
      'thead',
      {},
      element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text))),
    ),
    element('tbody', {}, ...rows),
  );

const rowOf = ([name, ...cells], attributes = {}) =>
  element(
    'tr',
    attributes,
    element('th', { scope: 'row' }, name),
    ...cells.map((cell) => element('td', {}, cell)),
  );

/** The model, then its naive opponents, all on the same pairs. */
export const renderResults = (host, { results }) => {
  const heads = ['', 'WAPE', 'MASE', 'RMSSE', 'sMAPE', 'RMSE', 'Bias', 'Skill'];
  const rows = results.map((result, index) =>
    rowOf(
      [
        words(result.model),
        ...[percent(result.wape), scaled(result.mase), scaled(result.rmsse)],
        result.smape === null ? UNKNOWN : result.smape.toFixed(1),
        ...[amount(result.rmse), signedPercent(result.bias), signedPercent(result.skill)],
      ],
      { class: index === 0 ? 'is-own' : null },
    ),
  );
  host.replaceChildren(tableOf('Errors of the model and of the naive rules', heads, rows));
};

export const renderIntervals = (host, { results: [own] }) => {
  const heads = ['Level', 'Held', 'Width', 'Winkler', 'MSIS', 'Pinball'];
  const rows = own.levels.map(({ level, coverage, width, winkler, msis, pinball }) =>
    rowOf([
      `${level} %`,
      ...[percent(coverage), amount(width), amount(winkler), scaled(msis), amount(pinball)],
    ]),
  );
  host.replaceChildren(tableOf('How good the intervals are', heads, rows));
};

const skillOf = (own, other) =>
  own === null || other === null || other === 0 ? null : 1 - own / other;

/** Errors of neighbouring steps together, beside the best opponent. */
export const renderSteps = (host, data) => {
  const { buckets, results } = data;
  const best = bestOpponent(data);
  const place = results.indexOf(best);
  const of = (index) => buckets.map(({ wape }) => wape[index] ?? null);
  const rows = [rowOf([words(results[0].model), ...of(0).map((value) => percent(value))])];
  if (best !== null) {
    const skills = of(0).map((wape, index) => signedPercent(skillOf(wape, of(place)[index])));
    rows.push(
      rowOf([words(best.model), ...of(place).map((value) => percent(value))]),
      rowOf(['skill', ...skills]),
    );
  }
  const names = buckets.map(({ name }) => name.replace('-', '–'));
  host.replaceChildren(tableOf('WAPE by steps ahead', ['Steps', ...names], rows));
};

/** Those that stand for all; a press on a name draws the series. */
export const renderSeriesList = (host, { series, levels, seriesCount }, onChoose) => {
  const isSome = series.length < seriesCount;
  byId('list-note').textContent = isSome
    ? `The worst by MASE of ${count(seriesCount)}, some in the middle and the best; with --json, ` +
      'tidecast backtest says it of every series.'
    : '';
  const heads = ['Series', 'Rank', 'n', 'MASE', 'WAPE', 'Bias', 'Skill'];
  const held = levels.map((level) => `${level} % held`);
  const rows = series.map((one) =>
    rowOf(
      [
        button(one.seriesId, () => onChoose(one.seriesId), { class: 'more' }),
        ...[String(one.rank), count(one.count), scaled(one.mase), percent(one.wape)],
        ...[signedPercent(one.bias), signedPercent(one.skill)],
        ...one.levels.map(({ coverage }) => percent(coverage)),
        percent(one.share),
      ],
      { class: `of-${one.group}` },
    ),
  );
  const table = tableOf('Series, worst first', [...heads, ...held, 'Of all error'], rows);
  host.replaceChildren(table);
};
