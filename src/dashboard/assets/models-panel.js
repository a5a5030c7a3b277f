import { blank, element, refill } from './dom.js';
import { count, day, shortInstant } from './format.js';
import { checkWords } from './gate-checks.js';
import { gateChecks, gateWords } from './gate-words.js';

const ORDER = ['champion', 'challenger', 'former champion', 'rejected', 'archived'];
/** Older ones are on record in the API; a list of hundreds helps nobody here. */
const SHOWN_MAX = 8;

const DECISIONS = ['ModelPromoted', 'ModelRejected', 'ModelRolledBack'];
const VERBS = {
  ModelPromoted: 'promoted',
  ModelRejected: 'rejected',
  ModelRolledBack: 'brought back by a rollback',
};

const checkRow = ({ passed, name, value, limit }) =>
  element(
    'tr',
    { class: passed ? null : 'failed' },
    element('td', { class: 'mark' }, passed ? '✓' : '✕'),
    element('th', { scope: 'row' }, name),
    element('td', {}, value),
    element('td', {}, limit),
  );

const checksOf = (gate, version) => {
  const checks = gateChecks(gate);
  if (checks.length === 0) return null;
  const met = checks.filter(({ passed }) => passed).length;
  return element(
    'details',
    {},
    element('summary', { 'data-key': version }, `${met} of ${checks.length} demands met`),
    element(
      'table',
      { class: 'checks' },
      element('tbody', {}, ...checks.map((check) => checkRow(checkWords(check)))),
    ),
  );
};

const decisionOf = ({ events }) =>
  events.findLast(({ type, voided }) => DECISIONS.includes(type) && !voided) ?? null;

const decided = (decision) => {
  if (decision === null) return 'Not decided on yet: it is scored in shadow.';
  const { type, decidedAt, actor, reason } = decision;
  const words = gateWords(decision.gate);
  const because = words === '' && reason !== '' ? `${reason}.` : words;
  const head = `${VERBS[type]} ${shortInstant(decidedAt)} UTC by ${actor}`;
  return `${head[0].toUpperCase()}${head.slice(1)}${because === '' ? '.' : `: ${because}`}`;
};

const modelItem = (model) => {
  const decision = decisionOf(model);
  const sha =
    model.sha256 === ''
      ? null
      : element('code', { title: model.sha256 }, ` ${model.sha256.slice(0, 8)}`);
  return element(
    'li',
    { class: 'model' },
    element('span', { class: 'role', 'data-role': model.role }, model.role),
    element('p', { class: 'version' }, model.version, sha),
    element(
      'p',
      { class: 'facts' },
      `${model.trainer}, trained on ${day(model.trainedFrom)} to ${day(model.trainedTo)}, ` +
        `${count(model.rows)} rows`,
    ),
    element('p', { class: 'gate' }, decided(decision)),
    checksOf(decision?.gate ?? null, model.version),
  );
};

const byRole = (one, other) =>
  ORDER.indexOf(one.role) - ORDER.indexOf(other.role) || other.trainedTo - one.trainedTo;

/** Who serves, who wants to, who was refused, and on which numbers. Open details stay open. */
export const renderModels = (host, models) => {
  if (models.length === 0) {
    const detail =
      'The first training needs some weeks of history; the naive rule forecasts until then.';
    return host.replaceChildren(blank('No model yet', detail));
  }
  const open = [...host.querySelectorAll('.model')].map(
    (node) => node.querySelector('details')?.open ?? false,
  );
  const shown = [...models].sort(byRole).slice(0, SHOWN_MAX);
  const items = shown.map(modelItem);
  for (const [index, item] of items.entries()) {
    if (open[index]) item.querySelector('details')?.setAttribute('open', '');
  }
  const rest = models.length - shown.length;
  const more = rest > 0 ? element('p', { class: 'quiet' }, `and ${count(rest)} earlier ones`) : '';
  return refill(host, element('ul', {}, ...items), more);
};
