import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../../src/core/instant.ts';
import { timeZone } from '../../../src/core/time-zone.ts';

const utc = timeZone('UTC');
const newYork = timeZone('America/New_York');

describe('parseInstant', () => {
  it('equals Date.parse on 20,000 stamps from 0001 to 9999', () => {
    let compared = 0;
    const anyInstant = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(anyInstant, (ms) => {
        const text = new Date(ms).toISOString();
        expect(parseInstant(text)).toBe(ms);
        compared += 1;
      }),
      { numRuns: 20_000, seed: 11 },
    );
    expect(compared).toBe(20_000);
  });

  it.each([
    ['2001-01-01T00:01:00', Date.UTC(2001, 0, 1, 0, 1)],
    ['2001-01-01 00:01', Date.UTC(2001, 0, 1, 0, 1)],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
    ['2001-01-01T00:00:00.5Z', Date.UTC(2001, 0, 1) + 500],
    ['2001-01-01T00:00:00,123456789Z', Date.UTC(2001, 0, 1) + 123],
    ['2001-01-01T00:00:00.999999Z', Date.UTC(2001, 0, 1) + 999],
    ['2001-01-01T23:59:59.999999999', Date.UTC(2001, 0, 2) - 1],
    ['2001-01-01T23:59:59.9999999999999Z', Date.UTC(2001, 0, 2) - 1],
    ['2001-01-01T00:00:00.29Z', Date.UTC(2001, 0, 1) + 290],
    ['2001-01-01T01:30:00+01:30', Date.UTC(2001, 0, 1)],
    ['2001-01-01T01:30:00+0130', Date.UTC(2001, 0, 1)],
    ['2000-12-31T19:00-05', Date.UTC(2001, 0, 1)],
    ['2001-12-31T23:59:59z', Date.UTC(2001, 11, 31, 23, 59, 59)],
  ])('reads %s', (text, ms) => {
    expect(parseInstant(text, utc)).toBe(ms);
  });

  it.each([
    '',
    'now',
    '2001',
    '2001-01',
    '2001-1-01',
    '2001-02-29',
    '1900-02-29',
    '2001-04-31',
    '2001-13-01',
    '2001-00-10',
    '2001-01-00',
    '2001-01-01T',
    '2001-01-01T24:00:00Z',
    '2001-01-01T00:60:00Z',
    '2001-01-01T00:00:60Z',
    '2001-01-01T00:00:00.Z',
    '2001-01-01T00:00:00Zulu',
    '2001-01-01T00:00:00+1',
    '2001-01-01T00:00:00+25:00',
    '2001-01-01T00:00:00+01:00x',
    '2001-01-01x00:00:00Z',
    ' 2001-01-01',
    '978307200000',
  ])('refuses "%s"', (text) => {
    expect(parseInstant(text, utc)).toBeNaN();
  });

  it('reads a stamp without a zone in the zone given, and refuses it without one', () => {
    expect(parseInstant('2001-07-01T00:00:00', newYork)).toBe(Date.UTC(2001, 6, 1, 4));
    expect(parseInstant('2001-07-01', newYork)).toBe(Date.UTC(2001, 6, 1, 4));
    expect(parseInstant('2001-07-01T00:00:00')).toBeNaN();
  });
});
