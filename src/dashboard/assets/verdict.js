import { duration, instant, percent, shortInstant } from './format.js';
import { findingsOf, isCatchingUp } from './findings.js';
import { narrowest, windowWords } from './judged-on.js';
import { apart } from './skill-words.js';

/** Findings after the first that are named; the panels below have all. */
const NAMED_MAX = 3;

const HEADLINES = {
  yes: (name) => `Forecasts of ${name} can be trusted right now.`,
  care: (name, reason) => `Trust the forecasts of ${name} with care: ${reason}.`,
  no: (name, reason) => `Do not trust the forecasts of ${name} right now: ${reason}.`,
  unknown: (name, reason) =>
    `Too early to say whether forecasts of ${name} can be trusted: ${reason}.`,
};

const naiveWords = ['above that of', 'below that of', 'the same as that of'];
const skillWords = (skill) =>
  typeof skill === 'number' ? `, ${apart(skill, naiveWords)} the best naive rule` : '';

const evidence = ({ accuracy, stream }) => {
  if (accuracy === null) return '';
  const { metrics, window } = accuracy;
  const skill = skillWords(metrics.skill);
  const fresh = percent(stream.freshShare);
  const { level, share } = narrowest(stream, accuracy);
  const over = `Over ${windowWords(stream)} to ${shortInstant(window.end)} UTC`;
  return (
    `${over} their error was ${percent(metrics.wape)}${skill}; ` +
    `${level} % intervals held ${percent(share)} of actuals; ${fresh} of series are fresh.`
  );
};

/** History is read as fast as it can be: what it says of now is of no use until it is through. */
const catchingUp = ({ stream, now }) => {
  const lag = duration(now - stream.watermark);
  return {
    trust: 'unknown',
    headline: `Still reading the history of ${stream.name}: too early for a verdict.`,
    why: `Complete to ${instant(stream.watermark)} UTC, ${lag} behind the clock, and catching up.`,
  };
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
  if (isCatchingUp(known)) return catchingUp(known);
  const [worst, ...others] = findingsOf(known);
  if (worst === undefined) {
    return { trust: 'yes', headline: HEADLINES.yes(name), why: evidence(known) };
  }
  const rest = others.slice(0, NAMED_MAX).map(({ reason }) => sentence(reason));
  const why = rest.length > 0 ? rest.join(' ') : evidence(known);
  return { trust: worst.trust, headline: HEADLINES[worst.trust](name, worst.reason), why };
};

export const disconnectedVerdict = (last, at) => ({
  trust: 'unknown',
  headline: 'No verdict: there is no connection to tidecast.',
  why: last === null ? '' : `As of ${instant(at)} UTC: ${last.headline}`,
});
