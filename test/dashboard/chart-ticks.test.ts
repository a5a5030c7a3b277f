import { describe, expect, it } from 'vitest';
import { HOUR_MS } from './fixture-series.ts';
import { pageModule } from './page-module.ts';

interface TicksModule {
  readonly axisWidth: (labels: readonly string[] | null) => number;
  readonly incrementsOf: (isWhole: boolean) => readonly number[];
  readonly isWhole: (values: readonly (number | null)[]) => boolean;
  readonly timeLabels: (ticks: readonly number[]) => readonly string[];
  readonly valueLabels: (ticks: readonly number[]) => readonly string[];
}

const { axisWidth, incrementsOf, isWhole, timeLabels, valueLabels } =
  await pageModule<TicksModule>('chart-ticks');

describe('ticks of values', () => {
  it.each([
    [
      [0, 0.5, 1, 1.5, 2],
      ['0.0', '0.5', '1.0', '1.5', '2.0'],
    ],
    [
      [0, 1, 2],
      ['0', '1', '2'],
    ],
    [
      [1000, 1500],
      ['1,000', '1,500'],
    ],
    [
      [0.1, 0.2, 0.1 + 0.2],
      ['0.1', '0.2', '0.3'],
    ],
    [
      [-0.02, -1e-18, 0.02],
      ['-0.02', '0.00', '0.02'],
    ],
    [[0], ['0']],
    [[0.25], ['0.3']],
    [[], []],
  ])('%j are named with the same decimals, and none that is not needed', (ticks, labels) => {
    expect(valueLabels(ticks)).toEqual(labels);
  });

  it('lie on whole numbers where a series counts', () => {
    expect(isWhole([3, null, 0])).toBe(true);
    expect(isWhole([3, 0.5])).toBe(false);
    expect(Math.min(...incrementsOf(true))).toBe(1);
    expect(incrementsOf(false)).toContain(0.05);
    expect(incrementsOf(true)).toEqual(incrementsOf(false).filter(Number.isInteger));
  });

  it('have room for their longest name', () => {
    expect(axisWidth(null)).toBe(axisWidth(['1,000']));
    expect(axisWidth(['0', '1,500,000'])).toBeGreaterThan(9 * 6);
  });
});

describe('ticks of time', () => {
  it('name a midnight by its day and others by their hour, UTC', () => {
    const midnight = Date.UTC(2001, 6, 8);
    expect(timeLabels([midnight / 1000, (midnight + 6 * HOUR_MS) / 1000])).toEqual([
      '8 Jul',
      '06:00',
    ]);
  });
});
