import { byId, element } from '../assets/dom.js';
import {
  count,
  day,
  finePercent,
  instant,
  percent,
  plural,
  signedPercent,
  words,
} from '../assets/format.js';

/** Less is not told apart by anyone. */
const SKILL_MIN = 0.0005;
/** Shares of actuals inside that are further from their level than this are worth a word. */
const COVERAGE_TOLERANCE = 0.05;

/** The opponent with the least error; null where there is none. */
export const bestOpponent = ({ results: [, ...others] }) =>
  others
    .filter(({ wape }) => wape !== null)
    .reduce((best, one) => (best === null || one.wape < best.wape ? one : best), null);

/** The name of what stands in where no model could be fitted. */
const LADDER = 'naive-ladder';

const trustOf = ({ skill, model }, hasPerfect) => {
  if (model === LADDER) return 'unfitted';
  if (skill === null) return hasPerfect ? 'perfect' : 'unknown';
  if (skill > SKILL_MIN) return 'yes';
  return skill < -SKILL_MIN ? 'no' : 'care';
};

const HEADLINES = {
  yes: (model, skill) =>
    `Forecasts of the ${model} are ${finePercent(skill)} better than the best naive rule.`,
  no: (model, skill) =>
    `Forecasts of the ${model} are ${finePercent(-skill)} worse than the best naive rule.`,
  care: (model) => `Forecasts of the ${model} are no better than the best naive rule.`,
  unfitted: () => 'No model could be fitted: naive rules stood in for it.',
  perfect: (model) =>
    `A naive rule was right each time: nothing is better, and the ${model} is worse or as good.`,
  unknown: (model) => `There is no naive rule to compare forecasts of the ${model} with.`,
};

const nameOf = (model) => (model === 'average' ? model : `model ${words(model)}`);

const offLevel = ({ levels }) =>
  levels.find(
    ({ level, coverage }) =>
      coverage !== null && Math.abs(coverage - level / 100) > COVERAGE_TOLERANCE,
  );

/** `Jun 2001` */
export const month = (time) => day(time).replace(/^\d+ /, '');

/** `3 Jun 2001`, or the number of a period where no clock is known. */
export const periodWords = ({ zone, frequency }, time) => {
  if (zone === null) return `period ${count(time / 1000)}`;
  if (frequency.endsWith('mo')) return month(time);
  return /[smh]$/.test(frequency) ? instant(time) : day(time);
};

/** How many of the forecasts are not the model's own; nothing where all are or none is. */
export const standInWords = ({ model, count: all, ruleCount }) =>
  ruleCount === 0 || model === LADDER
    ? ''
    : ` ${finePercent(ruleCount / all)} of these forecasts are those of naive rules, where a ` +
      'series was too young for the model.';

const originWords = (data) => {
  const { count: many, first, last } = data.origins;
  if (many === 1) return `one origin, ${periodWords(data, first)}`;
  return `${plural(many, 'origin')}, ${periodWords(data, first)} to ${periodWords(data, last)}`;
};

/** What the numbers say, in a sentence, and what they rest on in another. */
export const renderVerdict = (data) => {
  const [own] = data.results;
  const best = bestOpponent(data);
  const heading = byId('verdict');
  const trust = trustOf(own, best?.wape === 0);
  heading.dataset.trust = ['unfitted', 'perfect'].includes(trust) ? 'care' : trust;
  heading.textContent = HEADLINES[trust](nameOf(own.model), own.skill);
  const against = best === null ? '' : ` against ${percent(best.wape)} of ${words(best.model)}`;
  const off = offLevel(own);
  const warning =
    off === undefined
      ? ''
      : ` Its ${off.level} % intervals are too ${off.coverage < off.level / 100 ? 'narrow' : 'wide'}: ` +
        `they held ${percent(off.coverage)} of actuals.`;
  byId('verdict-why').textContent =
    `WAPE ${percent(own.wape)}${against}, on ${count(own.count)} values of ` +
    `${plural(data.seriesCount, 'series')}, up to ${plural(data.horizon, 'step')} ahead, from ` +
    `${originWords(data)}.${standInWords(own)}${warning}`;
};

const tile = ({ name, figure, claim, state = 'good' }) =>
  element(
    'div',
    { class: 'tile', 'data-state': state },
    element('dt', {}, name),
    element('dd', { class: 'figure' }, figure),
    element('dd', { class: 'claim' }, claim),
  );

const scaledWords = (value) => {
  if (value === null) return 'no series changes from season to season';
  return value < 1 ? 'below 1: better than the last season' : 'not below 1: repeat the last season';
};

const biasWords = (bias) => {
  if (bias === null || Math.abs(bias) < SKILL_MIN) return 'neither high nor low';
  return bias > 0 ? 'forecasts are too high' : 'forecasts are too low';
};

export const scaled = (value) => (value === null ? '–' : value.toFixed(3));

const coverageTile = ({ level, coverage }) => {
  const isOff = coverage !== null && Math.abs(coverage - level / 100) > COVERAGE_TOLERANCE;
  return {
    name: `${level} % intervals held`,
    figure: percent(coverage),
    claim: `of actuals; ${level} % is right`,
    state: isOff ? 'care' : 'good',
  };
};

export const renderTiles = (host, data) => {
  const [own] = data.results;
  const best = bestOpponent(data);
  const against = best === null ? 'no naive rule' : `best naive: ${percent(best.wape)}`;
  const state = own.skill < -SKILL_MIN ? 'bad' : 'good';
  const tiles = [
    { name: 'Error (WAPE)', figure: percent(own.wape), claim: against, state },
    { name: 'MASE', figure: scaled(own.mase), claim: scaledWords(own.mase) },
    { name: 'RMSSE', figure: scaled(own.rmsse), claim: 'as MASE; large errors weigh more' },
    { name: 'Bias', figure: signedPercent(own.bias), claim: biasWords(own.bias) },
    ...own.levels.slice(0, 1).map(coverageTile),
  ];
  host.replaceChildren(...tiles.map(tile));
};

export const clockWords = ({ zone, frequency, trainer, file }) => {
  const made = `${file}, a period is ${frequency}, trainer ${trainer}.`;
  if (zone === null) return `${made} Periods are numbered from the start of the longest series.`;
  return `${made} Times are those of the clock in ${zone}; periods are named by their start.`;
};
