import { count, finePercent, words } from './format.js';

/** The champion is one; naive rules have names. */
export const rivalWords = (rival) => (rival === 'champion' ? 'the champion' : words(rival));

const significant = (value) => String(Number(value.toPrecision(3)));
const chance = (value) => (value < 0.001 ? 'less than 0.001' : value.toFixed(3));

/** What a gate calls its demands, what they are in words, and from which side they bind. */
const KINDS = [
  {
    kind: 'targets',
    match: /^target times$/,
    name: () => 'target times it was judged on',
    bound: 'at least',
    write: count,
  },
  {
    kind: 'improvement',
    match: /^improvement on (.+)$/,
    name: (rival) => `better than ${rivalWords(rival)} by`,
    bound: 'at least',
    write: finePercent,
  },
  {
    kind: 'chance',
    match: /^p-value against (.+)$/,
    name: (rival) => `chance (p) that it is no better than ${rivalWords(rival)}`,
    bound: 'at most',
    write: chance,
  },
  {
    kind: 'chance',
    match: /^bootstrap lower end against (.+)$/,
    name: (rival) => `least gain on ${rivalWords(rival)}, by bootstrap`,
    bound: 'above',
    write: significant,
  },
  {
    kind: 'bias',
    match: /^\|bias\|$/,
    name: () => 'bias, without its sign',
    bound: 'at most',
    write: finePercent,
  },
];
const OTHER = { kind: 'other', name: null, bound: 'limit', write: significant };

/** A demand of a gate in words: `{ kind, of, passed, name, value, limit }`. */
export const checkWords = (check) => {
  const known = KINDS.find(({ match }) => match.test(check.name)) ?? OTHER;
  const of = known.match?.exec(check.name)[1] ?? null;
  const written = (value) => (typeof value === 'number' ? known.write(value) : 'unknown');
  return {
    kind: known.kind,
    of,
    passed: check.passed,
    name: known.name?.(of) ?? check.name,
    value: written(check.value),
    limit: `${known.bound} ${written(check.limit)}`,
  };
};
