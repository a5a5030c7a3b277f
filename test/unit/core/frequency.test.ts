import { describe, expect, it } from 'vitest';
import { DurationError } from '../../../src/core/duration.ts';
import { parseFrequency } from '../../../src/core/frequency.ts';

const at = (text: string): number => Date.parse(text);
const iso = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16);

describe('a frequency', () => {
  it.each(['5m', '30m', '1h', '6h', '1d', '7d', '1w', '1mo', '3mo'])(
    'cuts time into %s periods without holes, in every zone',
    (text) => {
      let compared = 0;
      for (const zone of ['UTC', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kathmandu']) {
        const frequency = parseFrequency(text, zone);
        const first = frequency.periodOf(at('2016-09-15T12:00:00Z'));
        for (let period = first; period < first + 400; period += 1) {
          const start = frequency.startOf(period);
          expect(frequency.periodOf(start)).toBe(period);
          expect(frequency.periodOf(start - 1)).toBe(period - 1);
          compared += 1;
        }
      }
      expect(compared).toBe(1_600);
    },
  );

  it('aligns hours in UTC and days, weeks and months on the local clock', () => {
    const zone = 'America/New_York';
    const timeMs = at('2001-04-01T06:30:00Z');
    const startOf = (text: string): string => {
      const frequency = parseFrequency(text, zone);
      return iso(frequency.startOf(frequency.periodOf(timeMs)));
    };
    expect(startOf('1h')).toBe('2001-04-01T06:00');
    expect(startOf('1d')).toBe('2001-04-01T05:00');
    expect(startOf('1w')).toBe('2001-03-26T05:00');
    expect(startOf('1mo')).toBe('2001-04-01T05:00');
  });

  it('gives the day of a spring change 23 hours', () => {
    const days = parseFrequency('1d', 'America/New_York');
    const day = days.periodOf(at('2001-04-01T12:00:00Z'));
    expect(days.startOf(day + 1) - days.startOf(day)).toBe(23 * 3_600_000);
  });

  it('begins weeks on Monday', () => {
    const weeks = parseFrequency('1w');
    expect(iso(weeks.startOf(weeks.periodOf(0)))).toBe('1969-12-29T00:00');
    expect(weeks.kind).toBe('weeks');
    expect(parseFrequency('24h').kind).toBe('days');
  });

  it.each(['7m', '5h', '25h', '500ms'])(
    'refuses %s, which drifts over the day or numbers too many periods',
    (text) => {
      expect(() => parseFrequency(text)).toThrow(DurationError);
    },
  );
});
