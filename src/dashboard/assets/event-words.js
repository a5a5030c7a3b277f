import { percent, shortInstant, words } from './format.js';
import { gateBrief } from './gate-words.js';

const MODEL_EVENTS = {
  ModelTrained: ['·', '', 'trained'],
  ModelPromoted: ['↑', 'good', 'promoted to champion'],
  ModelRejected: ['✕', 'care', 'rejected'],
  ModelRolledBack: ['↶', 'care', 'is champion again, by a rollback'],
  ModelArchived: ['·', '', 'archived'],
};

const modelWords = ({ type, model, version, actor, reason, gate }) => {
  const [mark, tone, verb] = MODEL_EVENTS[type] ?? ['·', '', type];
  const what = `${model} ${version} ${verb}`;
  const why = gateBrief(gate) || reason;
  return { mark, tone, what, detail: `by ${actor}${why ? `: ${why}` : ''}` };
};

const scopeWords = (scope) =>
  scope === 'model' ? 'the whole model' : String(scope).replace(/^series:/, '');

/** A drift is dated by the data that show it. */
const dataTo = (end) => (typeof end === 'number' ? `, data to ${shortInstant(end)} UTC` : '');

const driftWords = ({ scope, detector, effectSize, correctedPValue, state, recent }) => {
  const tone = state === 'confirmed' ? 'bad' : state === 'suspected' ? 'care' : 'good';
  const size = typeof effectSize === 'number' ? `effect ${effectSize.toFixed(2)}` : '';
  const p = typeof correctedPValue === 'number' ? `, p = ${correctedPValue.toPrecision(2)}` : '';
  const n = recent?.count === undefined ? '' : `, n = ${recent.count}`;
  return {
    mark: state === 'cleared' ? '✓' : '≈',
    tone,
    what: `drift ${state} in ${scopeWords(scope)}`,
    detail: `${words(detector)}: ${size}${p}${n}${dataTo(recent?.end)}`,
  };
};

const alertWords = ({ state, message, severity, kind }) => ({
  mark: state === 'firing' ? '!' : '✓',
  tone: state === 'resolved' ? 'good' : severity === 'critical' ? 'bad' : 'care',
  what: message,
  detail: `${words(kind)} alert, ${state}`,
});

const tasksWords = (tasks) => (tasks === 1 ? 'by 1 task' : `by ${tasks} tasks`);

const adoptionWords = ({ model, role, effectiveFrom }, tasks) => ({
  mark: '→',
  tone: '',
  what: model === null ? `${role} vacated` : `${model.name} ${model.version} adopted as ${role}`,
  detail: `${tasksWords(tasks)}, for periods from ${shortInstant(effectiveFrom)} UTC on`,
});

const decisionWords = (record, many) =>
  record.type === 'ModelAdopted' ? adoptionWords(record, many) : null;

const requestWords = ({ model, reason, evidence }) => {
  const improvement = evidence?.skill;
  const detail = typeof improvement === 'number' ? `skill ${percent(improvement)}` : '';
  return {
    mark: '↻',
    tone: '',
    what: `training of ${model} requested`,
    detail: [`reason: ${words(reason)}`, detail].filter(Boolean).join(', '),
  };
};

const WORDS = {
  model: modelWords,
  drift: driftWords,
  alert: alertWords,
  decision: decisionWords,
  'retraining-request': requestWords,
};

/** What an event says to people: mark, tone, what and detail; null for what is of no interest. */
export const eventWords = ({ type, record }, many = 1) => WORDS[type]?.(record, many) ?? null;

/** Rounded down: what happens to many within an hour is one thing to tell. */
const HOUR_MS = 3_600_000;

/** Events of one key are one line: every task adopts the same model. */
export const groupKey = ({ type, record, id, at }) => {
  if (type !== 'decision') return id;
  const { model, role, effectiveFrom } = record;
  const hour = Math.floor((effectiveFrom ?? at) / HOUR_MS);
  return JSON.stringify([record.type, role, model?.sha256, model?.version, hour]);
};
