import { element } from './dom.js';
import { count, duration, percent, plural, shortInstant, shortVersion, UNKNOWN } from './format.js';
import { lagMax, LIMITS } from './findings.js';

const tile = ({ name, figure, claim, detail, state = 'good', title = null }) =>
  element(
    'div',
    { class: 'tile', 'data-state': state },
    element('dt', {}, name),
    element('dd', { class: 'figure', title }, figure),
    element('dd', { class: 'claim' }, claim),
    element('dd', {}, detail),
  );

const freshTile = ({ stream, now }) => {
  const { freshShare, seriesCount } = stream;
  const fresh = Math.round((freshShare ?? 0) * seriesCount);
  const isShort = freshShare !== null && freshShare < LIMITS.fresh;
  return tile({
    name: 'Fresh series',
    figure: percent(freshShare),
    claim:
      freshShare === null ? 'no series yet' : `${count(fresh)} of ${plural(seriesCount, 'series')}`,
    detail: `target ≥ ${percent(LIMITS.fresh, 0)} · now, ${shortInstant(now)} UTC`,
    state: isShort ? 'care' : 'good',
  });
};

const scored = ({ window }) => `n = ${count(window.count)} · to ${shortInstant(window.end)} UTC`;

const errorTile = ({ accuracy }) => {
  const name = 'Error (WAPE), 7 days';
  if (accuracy === null) {
    return tile({
      name,
      figure: UNKNOWN,
      claim: 'nothing scored yet',
      detail: 'target: below the naive',
    });
  }
  const { wape, skill } = accuracy.metrics;
  const isKnown = typeof skill === 'number' && typeof wape === 'number' && skill < 1;
  const side = skill < 0 ? 'above' : 'below';
  const claim = isKnown
    ? `${percent(Math.abs(skill))} ${side} best naive (${percent(wape / (1 - skill))})`
    : 'no naive to compare with';
  const state = isKnown && skill < 0 ? 'bad' : 'good';
  return tile({ name, figure: percent(wape), claim, detail: scored(accuracy), state });
};

const coverageTile = ({ accuracy }) => {
  const share = accuracy?.metrics.coverage_80 ?? null;
  const isOff = share !== null && Math.abs(share - 0.8) > LIMITS.coverage;
  return tile({
    name: '80 % intervals held, 7 days',
    figure: percent(share),
    claim: share === null ? 'nothing scored yet' : 'of actuals, target 75–85 %',
    detail: accuracy === null ? '' : scored(accuracy),
    state: isOff ? 'care' : 'good',
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
  const claim = since === null ? champion.model : `since ${shortInstant(since)} UTC`;
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
    detail: lag === null ? '' : `complete to ${shortInstant(stream.watermark)} UTC`,
    state: isDown ? 'bad' : isBehind || running < tasks.length ? 'care' : 'good',
  });
};

/** What the verdict rests on: each figure with its target, its window, its n and the zone. */
export const renderTiles = (host, known) => {
  const tiles = [freshTile, errorTile, coverageTile, championTile, tasksTile];
  host.replaceChildren(...tiles.map((make) => make(known)));
};
