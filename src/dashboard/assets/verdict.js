import { count, duration, frequencyMs, instant, percent, plural, shortInstant } from './format.js';

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
  /** Share of listed series that may do worse than their naive. */
  worse: 0.1,
};

const RANK = { no: 0, care: 1, unknown: 2 };
const problem = (trust, reason) => ({ trust, reason });

const taskProblems = ({ tasks }) => {
  const down = tasks.filter(({ state }) => state === 'HALTED' || state === 'BACKING_OFF');
  return down.map(({ topology, partition, state, error }) => {
    const serves = topology === 'forecasting' || topology.startsWith('ingest');
    const what = state === 'HALTED' ? 'has halted' : 'failed and is being revived';
    const why = error ? ` (${error})` : '';
    const trust = serves && state === 'HALTED' ? 'no' : 'care';
    return problem(trust, `task ${topology} ${partition} ${what}${why}`);
  });
};

const freshProblems = ({ stream }) => {
  const { freshShare, seriesCount } = stream;
  if (freshShare === null || freshShare >= LIMITS.fresh) return [];
  const stale = Math.round((1 - freshShare) * seriesCount);
  const trust = freshShare < LIMITS.freshAtAll ? 'no' : 'care';
  return [problem(trust, `${count(stale)} of ${plural(seriesCount, 'series')} are stale`)];
};

/** How far event time may be behind a clock of this speed, in its own milliseconds. */
export const lagMax = ({ frequency }, speed) =>
  LIMITS.lagPeriods * frequencyMs(frequency) + LIMITS.lagRealMs * Math.max(0, speed - 1);

const lagProblems = ({ stream, now, speed }) => {
  if (stream.watermark === null) return [];
  const lag = now - stream.watermark;
  if (lag <= lagMax(stream, speed)) return [];
  return [problem('care', `they are ${duration(lag)} behind the clock`)];
};

const accuracyProblems = ({ stream, accuracy }) => {
  if (stream.champion === null) {
    return [problem('care', 'no trained model serves yet, the naive rule stands in')];
  }
  if (accuracy === null) return [problem('unknown', 'none of them has been scored yet')];
  const { metrics, window } = accuracy;
  if (window.count < LIMITS.scored) {
    return [problem('unknown', `only ${plural(window.count, 'step')} have been scored`)];
  }
  return [...skillProblems(metrics), ...coverageProblems(metrics)];
};

const skillProblems = ({ skill }) =>
  typeof skill === 'number' && skill < 0
    ? [problem('no', `over 7 days they were ${percent(-skill)} worse than the best naive`)]
    : [];

const coverageProblems = ({ coverage_80: share }) => {
  if (typeof share !== 'number' || Math.abs(share - 0.8) <= LIMITS.coverage) return [];
  const width = share < 0.8 ? 'narrow' : 'wide';
  return [
    problem('care', `80 % intervals are too ${width}, ${percent(share)} of actuals fell inside`),
  ];
};

/** The latest word on each alert and each drift episode; `events` come latest first. */
const openProblems = ({ events }) => {
  const seen = new Set();
  const open = [];
  for (const { type, record } of events) {
    const key = type === 'alert' ? record.id : type === 'drift' ? record.episodeId : undefined;
    if (key === undefined || seen.has(key)) continue;
    seen.add(key);
    if (record.state === 'firing')
      open.push(problem('care', `an alert is firing, ${record.message}`));
    if (record.state === 'confirmed')
      open.push(problem('care', `drift is confirmed (${record.scope})`));
  }
  return open;
};

const seriesProblems = ({ listed }) => {
  const scored = listed.filter(({ skill }) => skill !== null);
  const worse = scored.filter(({ skill }) => skill < 0).length;
  if (worse <= LIMITS.worse * scored.length) return [];
  return [
    problem(
      'care',
      `${count(worse)} of ${plural(scored.length, 'series')} do worse than their naive`,
    ),
  ];
};

const HEADLINES = {
  yes: (name) => `Forecasts of ${name} can be trusted right now.`,
  care: (name, reason) => `Trust the forecasts of ${name} with care: ${reason}.`,
  no: (name, reason) => `Do not trust the forecasts of ${name} right now: ${reason}.`,
  unknown: (name, reason) =>
    `Too early to say whether forecasts of ${name} can be trusted: ${reason}.`,
};

const evidence = ({ accuracy, stream }) => {
  const { metrics, window } = accuracy;
  const share = metrics.skill;
  const skill = typeof share === 'number' ? `, ${percent(share, 0)} below the best naive` : '';
  const fresh = percent(stream.freshShare, 0);
  return (
    `Over 7 days to ${shortInstant(window.end)} UTC their error was ${percent(metrics.wape)}${skill}; ` +
    `80 % intervals held ${percent(metrics.coverage_80)} of actuals; ${fresh} of series are fresh.`
  );
};

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

/**
 * Can the forecasts be trusted right now, and if not, which and why? The worst finding makes the
 * headline, the others follow it.
 */
export const verdictOf = (known) => {
  const { name, seriesCount } = known.stream;
  if (seriesCount === 0) {
    const headline = HEADLINES.unknown(name, 'no series has been observed');
    return { trust: 'unknown', headline, why: 'The first closed period makes the first forecast.' };
  }
  const problems = [
    taskProblems,
    accuracyProblems,
    freshProblems,
    lagProblems,
    openProblems,
    seriesProblems,
  ]
    .flatMap((find) => find(known))
    .sort((one, other) => RANK[one.trust] - RANK[other.trust]);
  const [worst, ...others] = problems;
  if (worst === undefined) {
    return { trust: 'yes', headline: HEADLINES.yes(name), why: evidence(known) };
  }
  const rest = others.slice(0, 3).map(({ reason }) => sentence(reason));
  const why = rest.length > 0 ? rest.join(' ') : known.accuracy === null ? '' : evidence(known);
  return { trust: worst.trust, headline: HEADLINES[worst.trust](name, worst.reason), why };
};

export const disconnectedVerdict = (last, at) => ({
  trust: 'unknown',
  headline: 'No verdict: there is no connection to tidecast.',
  why: last === null ? '' : `As of ${instant(at)} UTC: ${last.headline}`,
});
