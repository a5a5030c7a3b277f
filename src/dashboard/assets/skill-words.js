import { isWorse } from './exceptions.js';
import { percent } from './format.js';

/**
 * How far an error is from that of the naive, as `0.3 % above`: `words` are what is said of one that
 * is larger, smaller or, as far as can be read, the same. Wherever it is said it is rounded alike.
 */
export const apart = (skill, [larger, smaller, same]) => {
  if (isWorse({ skill })) return `${percent(-skill)} ${larger}`;
  return isWorse({ skill: -skill }) ? `${percent(skill)} ${smaller}` : same;
};
