import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../../src/config/suggestion.ts';

const KEYS = ['grace', 'horizon', 'timeZone', 'topic', 'port'];

describe('nearest', () => {
  it.each([
    ['gracee', 'grace'],
    ['horzion', 'horizon'],
    ['time_zone', 'timeZone'],
    ['TIMEZONE', 'timeZone'],
    ['topc', 'topic'],
    ['prot', 'port'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant);
  });

  it.each(['', 'xyz', 'frequency', 'x'])('takes "%s" for nothing', (word) => {
    expect(nearest(word, KEYS)).toBeUndefined();
    expect(didYouMean(word, KEYS)).toBe('');
  });
});
