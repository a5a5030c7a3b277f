import { element, refill } from './dom.js';
import { isWorse } from './exceptions.js';
import { count, duration, percent, plural, shortVersion, UNKNOWN, zonedInstant } from './format.js';
import { isOffLevel, isUnscored, lagMax, LIMITS } from './findings.js';
import { narrowest, windowWords } from './judged-on.js';
import { apart } from './skill-words.js';
import { term } from './term.js';

const tile = ({ name, figure, claim, detail, state = 'good', title = null }) =>
  element(
    'div',
    { class: 'tile', 'data-state': state },
    element('dt', {}, name),
    element('dd', { class: 'figure', title }, figure),
    element('dd', { class: 'claim' }, ...[claim].flat()),
    element('dd', {}, ...[detail].flat()),
  );

const freshTile = ({ stream, now }) => {
  const { freshShare, seriesCount, deadCount } = stream;
  const living = seriesCount - deadCount;
  const fresh = Math.round((freshShare ?? 0) * living);
  const isShort = freshShare !== null && freshShare < LIMITS.fresh;
  return tile({
    name: 'Fresh series',
    figure: percent(freshShare),
    claim: freshShare === null ? 'no series yet' : `${count(fresh)} of ${plural(living, 'series')}`,
    detail: `target ≥\u00a0${percent(LIMITS.fresh, 0)} · ${zonedInstant(now)}`,
    state: isShort ? 'care' : 'good',
  });
};

const scored = ({ window }) =>
  `n\u00a0=\u00a0${count(window.count)} · to\u00a0${zonedInstant(window.end)}`;

const unscored = (known) => (isUnscored(known) ? 'nothing scored yet' : 'not added up yet');

/** Like `6.2 % below best naive (15.3 %)`. */
const againstNaive = ({ wape, skill }) => {
  if (typeof skill !== 'number' || typeof wape !== 'number' || skill >= 1) {
    return ['no ', term('naive', 'naive rule'), ' to compare with'];
  }
  const naive = ` (${percent(wape / (1 - skill))})`;
  return [`${apart(skill, ['above', 'below', 'same as'])} `, term('naive', 'best naive'), naive];
};

const errorTile = (known) => {
  const { accuracy } = known;
  const name = `Error (WAPE), ${windowWords(known.stream)}`;
  if (accuracy === null) {
    const detail = ['target: below ', term('naive', 'best naive')];
    return tile({ name, figure: UNKNOWN, claim: unscored(known), detail });
  }
  const { wape, skill } = accuracy.metrics;
  const claim = againstNaive(accuracy.metrics);
  const state = isWorse({ skill: skill ?? null }) ? 'bad' : 'good';
  return tile({ name, figure: percent(wape), claim, detail: scored(accuracy), state });
};

const coverageTile = (known) => {
  const { accuracy, stream } = known;
  const { level, share } = narrowest(stream, accuracy);
  const off = 100 * LIMITS.coverage;
  const target = `${level - off}–${Math.min(100, level + off)} %`;
  return tile({
    name: `${level} % intervals held, ${windowWords(stream)}`,
    figure: percent(share),
    claim: share === null ? unscored(known) : `of actuals, target ${target}`,
    detail: accuracy === null ? '' : scored(accuracy),
    state: isOffLevel({ level, share }) ? 'care' : 'good',
  });
};

const promotionOf = (models, { version }) => {
  const served = models.find((model) => model.version === version && model.role === 'champion');
  const events = served?.events ?? [];
  const took = ['ModelPromoted', 'ModelRolledBack'];
  return events.findLast(({ type, voided }) => took.includes(type) && !voided) ?? null;
};

const championTile = ({ stream, models, now }) => {
  const { champion } = stream;
  const name = 'Champion';
  if (champion === null) {
    const detail = 'the first training promotes one';
    return tile({
      name,
      figure: 'none yet',
      claim: 'the naive rule stands in',
      detail,
      state: 'care',
    });
  }
  const promotion = promotionOf(models, champion);
  const since = promotion?.decidedAt ?? null;
  const claim = since === null ? champion.model : `since ${zonedInstant(since)}`;
  const detail = since === null ? '' : `${champion.model} · for ${duration(now - since)}`;
  const title = champion.version;
  return tile({ name, figure: shortVersion(champion.version), claim, detail, title });
};

const tasksTile = ({ stream, tasks, now, speed }) => {
  const running = tasks.filter(({ state }) => state === 'RUNNING').length;
  const isDown = tasks.some(({ state }) => state === 'HALTED');
  const lag = stream.watermark === null ? null : now - stream.watermark;
  const target = lagMax(stream, speed);
  const isBehind = lag !== null && lag > target;
  return tile({
    name: 'Tasks running',
    figure: tasks.length === 0 ? UNKNOWN : `${count(running)} of ${count(tasks.length)}`,
    claim:
      lag === null
        ? 'nothing read yet'
        : `${duration(Math.max(0, lag))} behind, target ≤ ${duration(target)}`,
    detail: lag === null ? '' : `complete to ${zonedInstant(stream.watermark)}`,
    state: isDown ? 'bad' : isBehind || running < tasks.length ? 'care' : 'good',
  });
};

/** What the verdict rests on: each figure with its target, its window, its n and the zone. */
export const renderTiles = (host, known) => {
  const tiles = [freshTile, errorTile, coverageTile, championTile, tasksTile];
  refill(host, ...tiles.map((make) => make(known)));
};
