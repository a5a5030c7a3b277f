import { describe, expect, it } from 'vitest';
import { DurationError, parseDuration, parseDurationMs } from '../../../src/core/duration.ts';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['30m', 1_800_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ kind: 'fixed', ms });
    expect(parseDurationMs(text)).toBe(ms);
  });

  it('keeps months apart, because their length varies', () => {
    expect(parseDuration('3mo')).toEqual({ kind: 'months', months: 3 });
    expect(() => parseDurationMs('3mo')).toThrow(/write days or weeks/);
  });

  it.each(['', '0m', '-1h', '1.5h', 'h', '1 hour', '1y', '999999d'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(DurationError);
  });
});
