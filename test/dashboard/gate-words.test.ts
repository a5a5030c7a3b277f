import { describe, expect, it } from 'vitest';
import { modelEvent } from './fixture-models.ts';
import { NOW } from './fixture-series.ts';
import { pageModule } from './page-module.ts';

interface Check {
  readonly name: string;
  readonly passed: boolean;
  readonly value: number | null;
  readonly limit: number;
}

interface GateModule {
  readonly gateBrief: (gate: unknown) => string;
  readonly gateWords: (gate: unknown) => string;
}

interface ChecksModule {
  readonly checkWords: (check: Check) => Readonly<Record<'name' | 'value' | 'limit', string>>;
}

interface EventModule {
  readonly eventWords: (event: unknown) => { readonly detail: string } | null;
}

interface FormatModule {
  readonly finePercent: (share: number | null) => string;
}

const { gateBrief, gateWords } = await pageModule<GateModule>('gate-words');
const { checkWords } = await pageModule<ChecksModule>('gate-checks');
const { eventWords } = await pageModule<EventModule>('event-words');
const { finePercent } = await pageModule<FormatModule>('format');

const plain = (text: string): string => text.replaceAll(/[\u202f\u00a0]/g, ' ');

type Row = readonly [name: string, passed: boolean, value: number | null, limit: number];
const check = (...[name, passed, value, limit]: Row): Check => ({ name, passed, value, limit });

const REASONS = [
  'improvement on champion is 0.0002682, the limit 0.05',
  'bootstrap lower end against slot-mean is -0.01457, the limit 0',
];

/** As the training task writes it. */
const REJECTED = {
  promote: false,
  reasons: REASONS,
  pairs: 718_764,
  targets: 672,
  comparisons: [
    { rival: 'champion', improvement: 0.0002682, test: { pValue: 0.0008 } },
    { rival: 'slot-mean', improvement: 0.0062, test: { pValue: 0.3908 } },
  ],
  checks: [
    check('target times', true, 672, 672),
    check('improvement on champion', false, 0.0002682, 0.05),
    check('p-value against champion', true, 0.0008, 0.05),
    check('improvement on slot-mean', true, 0.0062, 0),
    check('p-value against slot-mean', false, 0.3908, 0.05),
    check('bootstrap lower end against slot-mean', false, -0.01457, 0),
    check('|bias|', false, 0.0312, 0.02),
  ],
};
const PROMOTED = { ...REJECTED, promote: true, reasons: [], checks: REJECTED.checks.slice(0, 1) };

describe('a rejection in words', () => {
  it('is brief where events are listed: what was found, and what is asked for', () => {
    expect(plain(gateBrief(REJECTED))).toBe('0.03 % better than the champion; 5 % are asked for');
    const { record, ...event } = modelEvent('ModelRejected', 'e78e31ca1982', NOW);
    const rejected = { ...record, reason: REASONS.join('; '), gate: REJECTED };
    expect(plain(eventWords({ ...event, record: rejected })?.detail ?? '')).toBe(
      'by policy: 0.03 % better than the champion; 5 % are asked for',
    );
  });

  it('names each rival once, and all else that was not met', () => {
    expect(plain(gateWords(REJECTED))).toBe(
      '0.03 % better than the champion (5 % are asked for), ' +
        '0.6 % better than slot mean (may be chance, p = 0.391) and ' +
        'bias, without its sign: 3.1 % (at most 2 %). ' +
        'Judged on 718,764 forecasts at 672 target times it had not seen.',
    );
  });

  it('says so where it was worse', () => {
    const [, second] = REJECTED.comparisons;
    const comparisons = [{ rival: 'champion', improvement: -0.02, test: {} }, second];
    expect(plain(gateBrief({ ...REJECTED, comparisons }))).toBe(
      '2 % worse than the champion; 5 % better are asked for',
    );
  });

  it('falls back on its reasons where nothing was measured, and on nothing without a gate', () => {
    const reasons = ['there is no rival to compare with'];
    const empty = { ...REJECTED, comparisons: [], checks: [], reasons };
    expect(gateBrief(empty)).toBe('there is no rival to compare with');
    expect([gateBrief({}), gateWords(null), gateBrief('by hand')]).toEqual(['', '', '']);
  });
});

describe('a promotion in words', () => {
  it('says by how much, and how sure that is', () => {
    expect(plain(gateBrief(PROMOTED))).toBe('0.03 % better than the champion');
    expect(plain(gateWords(PROMOTED))).toContain(
      '0.03 % better than the champion (p < 0.001) and 0.6 % better than slot mean (p = 0.391).',
    );
  });
});

describe('a demand in words', () => {
  it.each([
    [REJECTED.checks[1], 'better than the champion by', '0.03 %', 'at least 5 %'],
    [
      REJECTED.checks[4],
      'chance (p) that it is no better than slot mean',
      '0.391',
      'at most 0.050',
    ],
    [REJECTED.checks[5], 'least gain on slot mean, by bootstrap', '-0.0146', 'above 0'],
    [check('|bias|', false, null, 0.02), 'bias, without its sign', 'unknown', 'at most 2 %'],
    [check('a new one', true, 1.2345, 2), 'a new one', '1.23', 'limit 2'],
  ])('%j', (demand, ...[name, value, limit]) => {
    if (demand === undefined) throw new Error('no such check');
    const words = checkWords(demand);
    expect([words.name, words.value, words.limit].map(plain)).toEqual([name, value, limit]);
  });
});

describe('a share where small ones count', () => {
  it.each([
    [0.05, '5 %'],
    [0.047, '4.7 %'],
    [0.0002682, '0.03 %'],
    [-0.0002682, '-0.03 %'],
    [0.00001, 'less than 0.01 %'],
    [0, '0 %'],
    [null, '–'],
  ])('%d is %s', (share, text) => {
    expect(plain(finePercent(share))).toBe(text);
  });
});
