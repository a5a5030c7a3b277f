import { isWorse } from './exceptions.js';
import { narrowest, windowWords } from './judged-on.js';
import { count, duration, frequencyMs, percent, plural } from './format.js';

export const LIMITS = {
  /** Least share of series that are neither stale nor dead. */
  fresh: 0.95,
  freshAtAll: 0.5,
  /** Farthest that the coverage of an interval may be from its level. */
  coverage: 0.05,
  /** Periods that event time may be behind the clock. */
  lagPeriods: 3,
  /** Real time that records may take through the topologies; a clock that runs fast makes it more. */
  lagRealMs: 10_000,
  /** Scored pairs below which chance speaks. */
  scored: 100,
  /** Share of listed series that may do worse than their best naive rule. */
  worse: 0.1,
};

const RANK = { no: 0, care: 1, unknown: 2 };
const finding = (trust, reason) => ({ trust, reason });

const taskFindings = ({ tasks }) => {
  const down = tasks.filter(({ state }) => state === 'HALTED' || state === 'BACKING_OFF');
  return down.map(({ topology, partition, state, error }) => {
    const serves = topology === 'forecasting' || topology.startsWith('ingest');
    const what = state === 'HALTED' ? 'has halted' : 'failed and is being revived';
    const why = error ? ` (${error})` : '';
    const trust = serves && state === 'HALTED' ? 'no' : 'care';
    return finding(trust, `task ${topology} ${partition} ${what}${why}`);
  });
};

const freshFindings = ({ stream }) => {
  const { freshShare, seriesCount, deadCount } = stream;
  if (freshShare === null || freshShare >= LIMITS.fresh) return [];
  const living = seriesCount - deadCount;
  const stale = Math.round((1 - freshShare) * living);
  const trust = freshShare < LIMITS.freshAtAll ? 'no' : 'care';
  return [finding(trust, `${count(stale)} of ${plural(living, 'series')} are stale`)];
};

/** How far event time may be behind a clock of this speed, in its own milliseconds. */
export const lagMax = ({ frequency }, speed) =>
  LIMITS.lagPeriods * frequencyMs(frequency) + LIMITS.lagRealMs * Math.max(0, speed - 1);

const lagFindings = ({ stream, now, speed }) => {
  if (stream.watermark === null) return [];
  const lag = now - stream.watermark;
  if (lag <= lagMax(stream, speed)) return [];
  return [finding('care', `they are ${duration(lag)} behind the clock`)];
};

/** Series are scored period by period; a window of the whole stream is closed only later. */
export const isUnscored = ({ listed }) => listed.every(({ count: scores }) => scores === 0);

const unscored = (known) =>
  isUnscored(known)
    ? 'none of them has been scored yet'
    : `their scores have not been added up over ${windowWords(known.stream)} yet`;

const accuracyFindings = (known) => {
  const { stream, accuracy } = known;
  if (stream.champion === null) {
    return [finding('care', 'no trained model serves yet, the naive rule stands in')];
  }
  if (accuracy === null) return [finding('unknown', unscored(known))];
  const { metrics, window } = accuracy;
  if (window.count < LIMITS.scored) {
    return [finding('unknown', `only ${plural(window.count, 'step')} have been scored`)];
  }
  return [...skillFindings(stream, metrics), ...coverageFindings(narrowest(stream, accuracy))];
};

const skillFindings = (stream, { skill }) => {
  if (typeof skill !== 'number' || !isWorse({ skill })) return [];
  const worse = `${percent(-skill)} worse than the best naive rule`;
  return [finding('no', `over ${windowWords(stream)} they were ${worse}`)];
};

/** Whether intervals of a level held so many more or fewer actuals that they say something else. */
export const isOffLevel = ({ level, share }) =>
  share !== null && Math.abs(share - level / 100) > LIMITS.coverage;

const coverageFindings = ({ level, share }) => {
  if (!isOffLevel({ level, share })) return [];
  const width = share < level / 100 ? 'narrow' : 'wide';
  const inside = `${percent(share)} of actuals fell inside`;
  return [finding('care', `${level} % intervals are too ${width}, ${inside}`)];
};

/** The latest word on each alert and each drift episode; `events` come latest first. */
const openFindings = ({ events }) => {
  const seen = new Set();
  const open = [];
  for (const { type, record } of events) {
    const key = type === 'alert' ? record.id : type === 'drift' ? record.episodeId : undefined;
    if (key === undefined || seen.has(key)) continue;
    seen.add(key);
    if (record.state === 'firing')
      open.push(finding('care', `an alert is firing, ${record.message}`));
    if (record.state === 'confirmed')
      open.push(finding('care', `drift is confirmed (${record.scope})`));
  }
  return open;
};

const unscoredWords = (number) =>
  number === 1 ? '1 other has' : `the other ${count(number)} have`;

const seriesFindings = ({ listed }) => {
  const scored = listed.filter(({ skill }) => skill !== null);
  const worse = scored.filter(isWorse).length;
  if (worse <= LIMITS.worse * scored.length) return [];
  const rest = listed.length - scored.length;
  const others = rest === 0 ? '' : ` (${unscoredWords(rest)} nothing to compare with)`;
  const of = `${count(worse)} of ${plural(scored.length, 'series')}`;
  return [finding('care', `${of} are forecast worse than by the best naive rule${others}`)];
};

/** All that speaks against the forecasts, the worst first. */
export const findingsOf = (known) =>
  [taskFindings, accuracyFindings, freshFindings, lagFindings, openFindings, seriesFindings]
    .flatMap((find) => find(known))
    .sort((one, other) => RANK[one.trust] - RANK[other.trust]);

/**
 * The tasks may be through the history before the list is: then the last forecasts in it are far
 * from where the stream is complete.
 */
const isListBehind = ({ stream, listed }) => {
  const last = listed.reduce(
    (latest, { origin }) => Math.max(latest, origin ?? -Infinity),
    -Infinity,
  );
  const behindMax = LIMITS.lagPeriods * frequencyMs(stream.frequency);
  return listed.length > 0 && stream.watermark - last > behindMax;
};

/** Far behind the clock, coming closer, and with nothing broken: the start of a process. */
export const isCatchingUp = (known) => {
  const { stream, isAdvancing } = known;
  if (stream.watermark === null || !isAdvancing || taskFindings(known).length > 0) return false;
  return lagFindings(known).length > 0 || isListBehind(known);
};
