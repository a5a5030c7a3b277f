import { describe, expect, it } from 'vitest';
import { didYouMean, nearest, nearestNames } from '../../../src/config/suggestion.ts';

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

describe('nearestNames', () => {
  const TOPICS = ['flights', 'departures.scores', 'departures.forecasts', 'models', 'scores.old'];

  it.each([
    ['score', ['scores.old', 'departures.scores']],
    ['flihgts', ['flights', 'models']],
    ['departures.forecasts.v2', ['departures.forecasts', 'departures.scores']],
    ['', ['models', 'flights']],
  ])('gives for %s what holds it or is spelled alike: %j', (word, names) => {
    expect(nearestNames(word, TOPICS, 2)).toEqual(names);
  });
});
