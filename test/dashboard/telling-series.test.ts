import { describe, expect, it } from 'vitest';
import type { SeriesListResponse, SeriesResponse } from '../../src/serving/responses.ts';
import { seriesResponse } from './fixture-series.ts';
import { pageModule } from './page-module.ts';

type Listed = SeriesListResponse['series'][number];

interface TellingModule {
  readonly candidatesOf: (listed: readonly Listed[]) => readonly string[];
  readonly tellingSeries: (
    stream: string,
    listed: readonly Listed[],
    ask: (path: string) => Promise<{ readonly value?: SeriesResponse }>,
  ) => Promise<string | null>;
}

interface StreamModule {
  readonly firstOf: (
    streams: readonly { readonly name: string; readonly isDefault: boolean }[],
    query: URLSearchParams,
  ) => { readonly name: string; readonly series: string | null } | null;
}

const { candidatesOf, tellingSeries } = await pageModule<TellingModule>('telling-series');
const { firstOf } = await pageModule<StreamModule>('stream-switch');

const one = (id: string, wape: number | null, stale = false): Listed => ({
  id,
  state: stale ? 'stale' : 'fresh',
  origin: 0,
  stale,
  wape,
  naiveWape: wape,
  skill: 0,
  count: wape === null ? 0 : 3_864,
});

const SIZES = new Map([
  ['ABE', 2],
  ['TRI', 4],
  ['DFW', 80],
  ['ORD', 70],
]);

const ask = async (path: string): Promise<{ value?: SeriesResponse }> => {
  const id = path.replace('series/', '');
  const size = SIZES.get(id);
  if (size === undefined) return {};
  return { value: seriesResponse({ id, size, hasGap: false, isStale: false }, 48) };
};

describe('the series that is opened when nobody named one', () => {
  it('has the largest recent values of those with little error, not the first name', async () => {
    const listed = [one('ABE', 0.44), one('ORD', 0.08), one('TRI', 0.07), one('DFW', 0.09)];
    expect(await tellingSeries('departures', listed, ask)).toBe('DFW');
  });

  it('is neither stale nor one that stands still, and few are looked at', () => {
    const many = Array.from({ length: 20 }, (_, index) => one(`S${index}`, 0.5 - index / 100));
    const listed = [one('OLD', 0.01, true), one('STILL', 0), ...many];
    expect(candidatesOf(listed)).toEqual(['S19', 'S18', 'S17', 'S16', 'S15', 'S14']);
  });

  it('is one that is fresh before any is scored, else any, and none of none', async () => {
    expect(candidatesOf([one('OLD', null, true), one('NEW', null)])).toEqual(['NEW']);
    expect(candidatesOf([one('OLD', null, true)])).toEqual(['OLD']);
    const ended = [one('A', 0.4, true), one('B', null, true), one('C', 0.1, true)];
    expect(candidatesOf(ended)).toEqual(['C', 'A']);
    expect(await tellingSeries('departures', [one('GONE', 0.2)], ask)).toBe('GONE');
    expect(await tellingSeries('departures', [], ask)).toBeNull();
  });
});

describe('the address', () => {
  const streams = [
    { name: 'arrivals', isDefault: false },
    { name: 'departures', isDefault: true },
  ];
  const first = (query: string): unknown => firstOf(streams, new URLSearchParams(query));

  it('names stream and series, or the series alone, or neither', () => {
    expect(first('stream=arrivals&series=A')).toEqual({ name: 'arrivals', series: 'A' });
    expect(first('series=A')).toEqual({ name: 'departures', series: 'A' });
    expect(first('')).toEqual({ name: 'departures', series: null });
  });

  it('of a stream that is gone names no series of another', () => {
    expect(first('stream=gone&series=A')).toEqual({ name: 'departures', series: null });
  });
});
