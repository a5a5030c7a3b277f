import { describe, expect, it } from 'vitest';
import { comesTwice, timeZone, TimeZoneError } from '../../../src/core/time-zone.ts';
import { seededRandom } from '../../../src/core/random.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);

const intlLocal = (zone: string, timeMs: number): string => {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(timeMs);
  return text;
};

describe('a time zone', () => {
  it.each([
    'America/New_York',
    'Europe/Berlin',
    'Africa/Casablanca',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/Sao_Paulo',
    'Pacific/Apia',
    'UTC',
    'Etc/GMT+5',
  ])('reads the clock of %s as Intl does', (name) => {
    const zone = timeZone(name);
    const random = seededRandom(name);
    let compared = 0;
    for (let index = 0; index < 300; index += 1) {
      const timeMs = Math.floor(at('1990-01-01') / 1000 + random.int(50 * 365 * 86_400)) * 1000;
      const local = new Date(timeMs + zone.offsetMs(timeMs)).toISOString();
      expect(local.slice(0, 19).replace('T', ' ')).toBe(intlLocal(name, timeMs));
      expect(zone.offsetMs(zone.instantOf(timeMs))).toBe(zone.offsetMs(zone.instantOf(timeMs) + 1));
      compared += 1;
    }
    expect(compared).toBe(300);
  });

  it.each([
    ['Europe/Berlin', '2023-10-28T23:59:59.999Z', false],
    ['Europe/Berlin', '2023-10-29T00:00:00Z', true],
    ['Europe/Berlin', '2023-10-29T00:59:59.999Z', true],
    ['Europe/Berlin', '2023-10-29T01:00:00Z', false],
    ['Europe/Berlin', '2023-03-26T00:30:00Z', false],
    ['Australia/Lord_Howe', '2024-04-06T14:29:59Z', false],
    ['Australia/Lord_Howe', '2024-04-06T14:30:00Z', true],
    ['UTC', '2023-10-29T00:30:00Z', false],
  ])('knows in %s of %s whether its local time comes again', (name, stamp, expected) => {
    expect(comesTwice(timeZone(name), at(stamp))).toBe(expected);
  });

  it('changes at the second the rules say', () => {
    const newYork = timeZone('America/New_York');
    expect(newYork.offsetMs(at('2001-04-01T06:59:59.999Z'))).toBe(-5 * HOUR);
    expect(newYork.offsetMs(at('2001-04-01T07:00:00Z'))).toBe(-4 * HOUR);
    const berlin = timeZone('Europe/Berlin');
    expect(berlin.offsetMs(at('2023-10-29T00:59:59.999Z'))).toBe(2 * HOUR);
    expect(berlin.offsetMs(at('2023-10-29T01:00:00Z'))).toBe(HOUR);
  });

  it('takes the end of a gap and the first of an overlap', () => {
    const berlin = timeZone('Europe/Berlin');
    expect(berlin.instantOf(at('2023-03-26T02:30:00Z'))).toBe(at('2023-03-26T01:00:00Z'));
    expect(berlin.instantOf(at('2023-03-26T03:00:00Z'))).toBe(at('2023-03-26T01:00:00Z'));
    expect(berlin.instantOf(at('2023-10-29T02:30:00Z'))).toBe(at('2023-10-29T00:30:00Z'));
    expect(berlin.instantOf(at('2023-10-29T03:00:00Z'))).toBe(at('2023-10-29T02:00:00Z'));
    const apia = timeZone('Pacific/Apia');
    expect(apia.instantOf(at('2011-12-30T12:00:00Z'))).toBe(at('2011-12-30T10:00:00Z'));
  });

  it('tells how long an offset lasts', () => {
    const summer = timeZone('Europe/Berlin').steadySpan(at('2023-07-01'));
    expect(summer).toEqual({
      fromMs: at('2023-03-26T01:00:00Z'),
      untilMs: at('2023-10-29T01:00:00Z'),
      offsetMs: 2 * HOUR,
    });
    const winter = timeZone('Europe/Berlin').steadySpan(at('2023-12-31T22:00:00Z'));
    expect([winter.fromMs, winter.untilMs]).toEqual([
      at('2023-10-29T01:00:00Z'),
      at('2024-03-31T01:00:00Z'),
    ]);
    expect(timeZone('UTC').steadySpan(0).untilMs).toBe(Infinity);
  });

  it('undoes itself outside of overlaps', () => {
    for (const name of ['America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const zone = timeZone(name);
      let overlapping = 0;
      const from = at('2022-01-01');
      for (let hour = 0; hour < 2 * 8_760; hour += 1) {
        const timeMs = from + hour * HOUR;
        if (zone.instantOf(timeMs + zone.offsetMs(timeMs)) !== timeMs) overlapping += 1;
      }
      // One hour (half of one on Lord Howe) comes twice a year.
      expect(overlapping).toBe(2);
    }
  });

  it('knows fixed zones, and answers far outside of the rules', () => {
    expect(timeZone('UTC').isFixed).toBe(true);
    expect(timeZone('Etc/GMT+5').isFixed).toBe(true);
    expect(timeZone('Etc/GMT+5').offsetMs(0)).toBe(-5 * HOUR);
    expect(timeZone('Etc/GMT+5').instantOf(0)).toBe(5 * HOUR);
    expect(timeZone('Europe/Berlin').isFixed).toBe(false);
    expect(Number.isFinite(timeZone('Europe/Berlin').offsetMs(at('9000-01-01')))).toBe(true);
  });

  it('refuses a name that is none', () => {
    expect(() => timeZone('Mars/Olympus')).toThrow(TimeZoneError);
  });
});
