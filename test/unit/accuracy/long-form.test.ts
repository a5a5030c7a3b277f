import { describe, expect, it } from 'vitest';
import {
  demand,
  departures,
  departuresByDay,
  longForm,
  rentals,
  rentalsWithZeros,
} from '../../../scripts/accuracy/long-form.ts';

describe('the data that accuracy is measured on', () => {
  const hours = Array.from({ length: 26 }, (_, hour) => ({
    hour_local: `2001-01-0${1 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, '0')}`,
    ...{ ORD: 1, ATL: hour },
  }));

  it('leaves out the last, partial row of departures, and days that are not whole', () => {
    const values = departures(hours);
    expect(values).toHaveLength(50);
    expect(values[1]).toEqual({ series: 'ATL', time: '2001-01-01T00:00:00Z', value: 0 });
    expect(departuresByDay(hours)).toMatchObject([
      { series: 'ORD', time: '2001-01-01T00:00:00Z', value: 24 },
      { series: 'ATL', time: '2001-01-01T00:00:00Z', value: 276 },
    ]);
  });

  it('reads rentals by the hour, with absent hours as they are, or as zeros', () => {
    const rows = [
      { dteday: '1/31/2011', hr: 23, cnt: 5 },
      { dteday: '2/1/2011', hr: 2, cnt: 7 },
    ];
    expect(rentals(rows).map(({ time }) => time)).toEqual([
      '2011-01-31T23:00:00Z',
      '2011-02-01T02:00:00Z',
    ]);
    expect(rentalsWithZeros(rows).map(({ value }) => value)).toEqual([5, 0, 0, 7]);
  });

  it('is a table of series, time and value', () => {
    const values = demand([{ Time: '2011-12-31T13:00:00Z', Demand: 4382.5 }]);
    expect(longForm(values)).toBe('series,time,value\nVIC,2011-12-31T13:00:00Z,4382.5\n');
  });
});
