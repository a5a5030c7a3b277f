import { describe, expect, it } from 'vitest';
import type {
  AccuracyEntry,
  SeriesListResponse,
  ServedEvent,
  StatusResponse,
  TaskResponse,
} from '../../src/serving/responses.ts';
import { EVENTS } from './fixture-models.ts';
import { HOUR_MS, NOW } from './fixture-series.ts';
import { ACCURACY, listOf, STATUS } from './fixture-status.ts';
import { pageModule } from './page-module.ts';

interface Known {
  readonly stream: StatusResponse['streams'][number];
  readonly tasks: readonly TaskResponse[];
  readonly accuracy: AccuracyEntry | null;
  readonly listed: SeriesListResponse['series'];
  readonly events: readonly ServedEvent[];
  readonly now: number;
  readonly speed: number;
  readonly isAdvancing: boolean;
}

interface Verdict {
  readonly trust: string;
  readonly headline: string;
  readonly why: string;
}

interface VerdictModule {
  readonly verdictOf: (known: Known) => Verdict;
}

const { verdictOf } = await pageModule<VerdictModule>('verdict');

const [stream] = STATUS.streams;
const [accuracy] = ACCURACY.accuracy;
const [task] = STATUS.tasks;
if (stream === undefined || accuracy === undefined || task === undefined) {
  throw new Error('the fixture lost its stream');
}

const healthy: Known = {
  stream,
  tasks: STATUS.tasks,
  accuracy,
  listed: listOf('', 100, 0).series,
  events: EVENTS,
  now: NOW,
  speed: 1,
  isAdvancing: false,
};

const scoring = (metrics: AccuracyEntry['metrics']): Partial<Known> => ({
  accuracy: { ...accuracy, metrics: { ...accuracy.metrics, ...metrics } },
});

const alert = (state: string, at: number): ServedEvent => ({
  id: `alerts-${state}`,
  type: 'alert',
  at,
  stream: 'departures',
  record: { id: 'a-9', state, kind: 'accuracy', severity: 'warning', message: 'skill is below' },
});

const halted = (topology: string): Partial<Known> => ({
  tasks: [{ ...task, topology, state: 'HALTED', error: 'disk full' }],
});

const CASES: readonly (readonly [string, Partial<Known>, string, string])[] = [
  ['healthy streams are trusted', {}, 'yes', 'can be trusted right now.'],
  ['worse than the naive is refused', scoring({ skill: -0.08 }), 'no', '8.0\u202f% worse'],
  ['a halted forecasting task is refused', halted('forecasting'), 'no', 'halted (disk full)'],
  ['a halted monitoring task asks for care', halted('monitoring'), 'care', 'monitoring 0 has'],
  ['narrow intervals ask for care', scoring({ coverage_80: 0.7 }), 'care', 'too narrow, 70.0'],
  ['wide intervals ask for care', scoring({ coverage_80: 0.9 }), 'care', 'too wide, 90.0'],
  [
    'stale series ask for care',
    { stream: { ...stream, freshShare: 0.8 } },
    'care',
    '8 of 41 series are stale',
  ],
  ['mostly stale is refused', { stream: { ...stream, freshShare: 0.3 } }, 'no', 'are stale'],
  [
    'a late watermark asks for care',
    { now: NOW + 9 * HOUR_MS },
    'care',
    '9\u202fh behind the clock',
  ],
  [
    'a history that is being read is too early',
    { now: NOW + 9 * HOUR_MS, isAdvancing: true },
    'unknown',
    'Still reading the history of departures',
  ],
  [
    'a halted task is no history being read',
    { now: NOW + 9 * HOUR_MS, isAdvancing: true, ...halted('ingest') },
    'no',
    'task ingest 0 has halted',
  ],
  ['a fast clock is allowed more', { now: NOW + 9 * HOUR_MS, speed: 3_600 }, 'yes', 'trusted'],
  ['a firing alert asks for care', { events: [alert('firing', NOW)] }, 'care', 'skill is below'],
  [
    'an alert that was resolved since does not',
    { events: [alert('resolved', NOW), alert('firing', NOW - HOUR_MS)] },
    'yes',
    'can be trusted',
  ],
  ['no champion asks for care', { stream: { ...stream, champion: null } }, 'care', 'naive rule'],
  [
    'nothing scored is too early',
    { accuracy: null, listed: healthy.listed.map((one) => ({ ...one, count: 0 })) },
    'unknown',
    'none of them has been scored',
  ],
  [
    'series that are scored are not called unscored before the stream is',
    { accuracy: null },
    'unknown',
    'scores have not been added up over 7 days',
  ],
  [
    'a list that is behind the tasks is a history that is being read',
    {
      isAdvancing: true,
      listed: healthy.listed.map((one) => ({ ...one, origin: NOW - 60 * HOUR_MS, stale: true })),
      stream: { ...stream, freshShare: 0 },
    },
    'unknown',
    'Still reading the history',
  ],
  [
    'a handful of scores is too early',
    { accuracy: { ...accuracy, window: { ...accuracy.window, count: 42 } } },
    'unknown',
    'only 42 steps',
  ],
  ['no series is too early', { stream: { ...stream, seriesCount: 0 } }, 'unknown', 'no series'],
];

describe('the verdict', () => {
  it.each(CASES)('%s', (_claim, change, ...[trust, words]) => {
    const verdict = verdictOf({ ...healthy, ...change });
    expect(verdict.trust).toBe(trust);
    expect(verdict.headline).toContain(words);
  });

  it('leads with the worst finding and names the others after it', () => {
    const { trust, headline, why } = verdictOf({
      ...healthy,
      ...scoring({ skill: -0.08, coverage_80: 0.6 }),
      stream: { ...stream, freshShare: 0.8 },
    });
    expect(trust).toBe('no');
    expect(headline).toContain('worse than the best naive rule');
    expect(why).toContain('intervals are too narrow');
    expect(why).toContain('8 of 41 series are stale.');
  });

  it('speaks of the window and the levels that the stream has', () => {
    const yearly = { ...stream, levels: [90], accuracyWindow: '13w' };
    const narrow = scoring({ coverage_80: null, coverage_90: 0.7 });
    expect(verdictOf({ ...healthy, ...narrow, stream: yearly }).headline).toContain(
      '90 % intervals are too narrow, 70.0',
    );
    const well = scoring({ coverage_80: null, coverage_90: 0.9 });
    const { trust, why } = verdictOf({ ...healthy, ...well, stream: yearly });
    expect(trust).toBe('yes');
    expect(why).toContain('Over 13 weeks to 3 Jun');
    expect(why).toContain('90 % intervals held 90.0');
  });

  it('states window, zone and error behind a good one', () => {
    expect(verdictOf(healthy).why).toBe(
      'Over 7 days to 3 Jun 14:00 UTC their error was ' +
        '13.2\u202f%, 20.8\u202f% below that of the best naive rule; ' +
        '80 % intervals held 80.3\u202f% of actuals; 95.1\u202f% of series are fresh.',
    );
  });

  it.each([
    [0.003, '0.3\u202f% below that of the best naive rule'],
    [0.0002, 'the same as that of the best naive rule'],
  ])('rounds a skill of %d as its tile does', (skill, words) => {
    expect(verdictOf({ ...healthy, ...scoring({ skill }) }).why).toContain(words);
  });

  it('says how many series have nothing to compare with, beside those that do worse', () => {
    const [first, ...others] = healthy.listed;
    if (first === undefined) throw new Error('no fixture');
    const listed = [{ ...first, skill: null }, ...others.map((one) => ({ ...one, skill: -0.1 }))];
    const { trust, headline } = verdictOf({ ...healthy, listed });
    expect(trust).toBe('care');
    expect(headline).toContain('40 of 40 series are forecast worse than by the best naive rule');
    expect(headline).toContain('(1 other has nothing to compare with)');
    const even = healthy.listed.map((one) => ({ ...one, skill: -0.0002 }));
    expect(verdictOf({ ...healthy, listed: even }).trust).toBe('yes');
  });
});
