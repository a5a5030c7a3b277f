import { describe, expect, it } from 'vitest';
import { notableSeries } from '../../../src/evaluation/notable-series.ts';
import type { SeriesResult } from '../../../src/evaluation/series-ledger.ts';

const seriesOf = (scores: readonly (number | null)[]): SeriesResult[] =>
  scores.map((mase, index) => ({
    ...{ seriesId: `s${index + 1}`, count: 10, excluded: 0, mase, wape: 0.1, bias: 0 },
    ...{ skill: 0, share: 0.1, levels: [] },
  }));

const picked = (series: readonly SeriesResult[]): string[] =>
  notableSeries(series).map(({ rank, group }) => `${group} ${rank}`);

describe('the series that stand for all', () => {
  it('are six of the worst, three in the middle and three of the best', () => {
    const all = seriesOf(Array.from({ length: 101 }, (_, index) => 200 - index));
    expect(picked(all)).toEqual([
      ...['worst 1', 'worst 2', 'worst 3', 'worst 4', 'worst 5', 'worst 6'],
      ...['median 50', 'median 51', 'median 52'],
      ...['best 99', 'best 100', 'best 101'],
    ]);
  });

  it.each([1, 2, 6, 9, 11, 12])('are all of %i', (length) => {
    const ranks = notableSeries(seriesOf(new Array<number>(length).fill(1)));
    expect(ranks.map(({ rank }) => rank)).toEqual(Array.from({ length }, (_, index) => index + 1));
  });

  it('are ranked without those that have no MASE, unless no series has one', () => {
    expect(picked(seriesOf([2, 1, null]))).toEqual(['worst 1', 'worst 2']);
    expect(picked(seriesOf([null, null]))).toEqual(['worst 1', 'worst 2']);
  });
});
