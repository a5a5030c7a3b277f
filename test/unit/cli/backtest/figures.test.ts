import { describe, expect, it } from 'vitest';
import { amount, percent, scaled, shortName } from '../../../../src/cli/backtest/figures.ts';

describe('figures of a report', () => {
  it.each([
    [1_234_567.8, '1234568'],
    [12_345.678, '12346'],
    [1_234.567, '1234.6'],
    [-12.34567, '-12.346'],
    [0.012345, '0.012345'],
    [0.1234567, '0.12346'],
    [0.0000456789, '0.000045679'],
    [-4.56789e-9, '-4.5679e-9'],
    [1.23e21, '1.23e+21'],
    [0, '0.0000'],
    [null, '-'],
  ])('in the unit of the values have five digits: %d', (value, text) => {
    expect(amount(value)).toBe(text);
  });

  it('say where nothing is known', () => {
    expect([scaled(null), percent(null), scaled(0.5), percent(-0.123)]).toEqual([
      '-',
      '-',
      '0.5000',
      '-12.3%',
    ]);
  });

  it('stand beside names that cannot command a terminal', () => {
    expect(shortName('a\u001b[2Jb\n\u202ec', 20)).toBe('a\ufffd[2Jb\ufffd\ufffdc');
    expect(shortName('x'.repeat(20), 20)).toBe('x'.repeat(20));
    expect(shortName('x'.repeat(21), 20)).toBe(`${'x'.repeat(19)}…`);
  });
});
