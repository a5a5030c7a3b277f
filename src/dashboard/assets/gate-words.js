import { count, percent, words } from './format.js';

const isGate = (gate) =>
  typeof gate === 'object' && gate !== null && Array.isArray(gate.comparisons);

const chance = ({ pValue }) => {
  if (typeof pValue !== 'number') return '';
  return pValue < 0.001 ? ' (p\u00a0<\u00a00.001)' : ` (p\u00a0=\u00a0${pValue.toFixed(3)})`;
};

const against = ({ rival, improvement, test }) => {
  const side = improvement < 0 ? 'worse' : 'better';
  return `${percent(Math.abs(improvement))} ${side} than ${words(rival)}${chance(test ?? {})}`;
};

const listed = (parts) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** The comparison that a promotion or rejection rests on, in words; empty without numbers. */
export const gateWords = (gate) => {
  if (!isGate(gate)) return '';
  const compared = listed(gate.comparisons.map(against));
  const n = `${count(gate.pairs)} forecasts on ${count(gate.targets)} target times it had not seen`;
  const verdict = compared === '' ? 'It had no rival' : `It was ${compared}`;
  const failed = gate.reasons ?? [];
  const why = failed.length === 0 ? '' : ` Not met: ${failed.join('; ')}.`;
  return `${verdict}, over ${n}.${why}`;
};

/** The single demands of a gate; none without numbers. */
export const gateChecks = (gate) => (isGate(gate) ? (gate.checks ?? []) : []);
