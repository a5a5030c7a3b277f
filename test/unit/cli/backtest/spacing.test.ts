import { expect, it } from 'vitest';
import { spacingHints, spacingOf } from '../../../../src/cli/backtest/spacing.ts';
import { parseFrequency } from '../../../../src/core/frequency.ts';
import { parseInstant } from '../../../../src/core/instant.ts';

const hintsOf = (stamps: readonly string[], zone: string): readonly string[] => {
  const frequency = parseFrequency('1h', zone);
  const times = stamps.map((stamp) => parseInstant(stamp, frequency.zone));
  const rows = { times, periods: times.map((timeMs) => frequency.periodOf(timeMs)) };
  return spacingHints(spacingOf([rows], frequency.zone), {
    ...{ frequency, length: '1h', hasSeriesColumn: false, otherColumns: [] },
  });
};

const AUTUMN = ['00:00', '01:00', '01:00', '02:00'].map((time) => `2024-11-03T${time}`);

it('tells of local stamps that came twice, and of no series that was forgotten', () => {
  const hints = hintsOf(AUTUMN, 'America/New_York');
  expect(hints).toEqual([
    '1 rows repeat a period: the last one of each counts',
    '1 rows have a local time that came twice when clocks were set back, and are read as the ' +
      'first: write stamps with their offset, such as 2024-11-03T01:00:00-05:00',
  ]);
});

it.each([
  ['in a zone that sets no clock back', AUTUMN, 'UTC'],
  ['at another hour', ['2024-11-03T00:00', '2024-11-03T00:00'], 'America/New_York'],
])('takes rows of one time for several series %s', (_where, stamps, zone) => {
  const hints = hintsOf(stamps, zone).join('\n');
  expect(hints).toContain('--series-column');
  expect(hints).not.toContain('twice');
});
