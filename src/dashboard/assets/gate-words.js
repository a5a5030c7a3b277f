import { count, finePercent } from './format.js';
import { checkWords, rivalWords } from './gate-checks.js';

const isGate = (gate) =>
  typeof gate === 'object' && gate !== null && Array.isArray(gate.comparisons);

const side = ({ rival, improvement }) => {
  const than = improvement < 0 ? 'worse' : 'better';
  return `${finePercent(Math.abs(improvement))} ${than} than ${rivalWords(rival)}`;
};

const chance = ({ test }) => {
  const p = test?.pValue;
  if (typeof p !== 'number') return '';
  return p < 0.001 ? 'p\u00a0<\u00a00.001' : `p\u00a0=\u00a0${p.toFixed(3)}`;
};

/** The single demands of a gate; none without numbers. */
export const gateChecks = (gate) => (isGate(gate) ? (gate.checks ?? []) : []);

/** A comparison that was lost: what it showed, and what was asked for. */
const lostTo = (comparison, failed) => {
  const what = side(comparison);
  const missed = failed.find(({ name }) => name === `improvement on ${comparison.rival}`);
  if (missed === undefined) return { what, asked: `may be chance, ${chance(comparison)}` };
  if (missed.limit <= 0) return { what, asked: '' };
  const better = comparison.improvement < 0 ? ' better' : '';
  return { what, asked: `${finePercent(missed.limit)}${better} are asked for` };
};

/** What was not met, each as `{ what, asked }`: one for each rival, whatever test it failed. */
const notMet = (gate) => {
  const failed = gateChecks(gate).filter(({ passed }) => !passed);
  const isAgainst = ({ rival }) => failed.some(({ name }) => name.endsWith(` ${rival}`));
  const lost = gate.comparisons.filter(isAgainst);
  const others = failed
    .map(checkWords)
    .filter(({ kind }) => kind !== 'improvement' && kind !== 'chance')
    .map(({ name, value, limit }) => ({ what: `${name}: ${value}`, asked: limit }));
  const all = [...lost.map((comparison) => lostTo(comparison, failed)), ...others];
  // Where nothing could be measured the reason is all there is.
  return all.length > 0 ? all : (gate.reasons ?? []).map((what) => ({ what, asked: '' }));
};

const met = (gate) => gate.comparisons.map((one) => ({ what: side(one), asked: chance(one) }));

const listed = (parts) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

const foundOf = (gate) => (gate.promote === true ? met(gate) : notMet(gate));

/** What decided, in a few words: `0.03 % better than the champion; 5 % are asked for`. */
export const gateBrief = (gate) => {
  if (!isGate(gate)) return '';
  const [first] = foundOf(gate);
  if (first === undefined) return '';
  const isAsked = gate.promote !== true && first.asked !== '';
  return isAsked ? `${first.what}; ${first.asked}` : first.what;
};

/** All that a promotion or rejection rests on, in words; empty without numbers. */
export const gateWords = (gate) => {
  if (!isGate(gate)) return '';
  const found = foundOf(gate).map(({ what, asked }) =>
    asked === '' ? what : `${what} (${asked})`,
  );
  const judged = `${count(gate.pairs)} forecasts at ${count(gate.targets)} target times`;
  return `${found.length === 0 ? 'It had no rival' : listed(found)}. Judged on ${judged} it had not seen.`;
};
