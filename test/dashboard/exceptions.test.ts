import { describe, expect, it } from 'vitest';
import type { SeriesListResponse } from '../../src/serving/responses.ts';
import { pageModule } from './page-module.ts';

type Listed = SeriesListResponse['series'][number];

interface Exceptions {
  readonly worse: readonly Listed[];
  readonly stale: readonly Listed[];
}

interface ExceptionsModule {
  readonly exceptionsOf: (listed: readonly Listed[]) => Exceptions;
  readonly namedOf: (exceptions: Exceptions, most: number) => readonly Listed[];
}

interface FoundModule {
  readonly foundIn: (
    list: { readonly series: readonly Listed[] },
    asked: { readonly search: string; readonly order: string },
  ) => SeriesListResponse;
}

const { exceptionsOf, namedOf } = await pageModule<ExceptionsModule>('exceptions');
const { foundIn } = await pageModule<FoundModule>('found-series');

const one = (id: string, skill: number | null, stale = false): Listed => ({
  id,
  state: stale ? 'stale' : 'fresh',
  origin: 0,
  stale,
  wape: 0.2,
  naiveWape: 0.2,
  skill,
  count: 3_864,
});

const LISTED = [
  one('BAD', -0.1),
  one('EVEN', -0.0004),
  one('GOOD', 0.2),
  one('OLD', 0.1, true),
  one('NEW', null),
  one('WORST', -0.5),
  one('OLDER', -0.9, true),
];

const idsOf = (series: readonly Listed[]): string[] => series.map(({ id }) => id);
const named = (listed: readonly Listed[], most: number): string[] =>
  idsOf(namedOf(exceptionsOf(listed), most));

describe('the exceptions', () => {
  it('are the series that the naive visibly beats, the worst first, and the stale', () => {
    const { worse, stale } = exceptionsOf(LISTED);
    expect(idsOf(worse)).toEqual(['WORST', 'BAD']);
    expect(idsOf(stale)).toEqual(['OLD', 'OLDER']);
  });

  it('are named by halves, so that stale ones do not hide bad ones', () => {
    const stale = Array.from({ length: 9 }, (_, index) => one(`S${index}`, null, true));
    const bad = Array.from({ length: 9 }, (_, index) => one(`B${index}`, -0.9 + index / 100));
    expect(named([...stale, ...bad], 6)).toEqual(['B0', 'B1', 'B2', 'S0', 'S1', 'S2']);
    expect(named([...stale, ...bad.slice(0, 1)], 4)).toEqual(['B0', 'S0', 'S1', 'S2']);
    expect(named([...stale.slice(0, 1), ...bad], 4)).toEqual(['B0', 'B1', 'B2', 'S0']);
  });

  it('lead the list when it is asked for worst first, and a search keeps that order', () => {
    const worst = foundIn({ series: LISTED }, { search: '', order: 'worst' });
    const led = ['WORST', 'BAD', 'OLD', 'OLDER', 'EVEN', 'GOOD', 'NEW'];
    expect(idsOf(worst.series)).toEqual(led);
    const found = foundIn({ series: LISTED }, { search: 'o', order: 'worst' });
    expect(idsOf(found.series)).toEqual(['WORST', 'OLD', 'OLDER', 'GOOD']);
    expect(found.total).toBe(4);
    expect(idsOf(foundIn({ series: LISTED }, { search: '', order: 'name' }).series)).toEqual(
      idsOf(LISTED),
    );
  });
});
