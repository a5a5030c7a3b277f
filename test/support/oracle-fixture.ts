import { readFileSync } from 'node:fs';
import { calendarOf, type Calendar } from '../../src/calendars/calendar.ts';
import { DAY_MS } from '../../src/core/duration.ts';
import { parseFrequency } from '../../src/core/frequency.ts';
import { defaultFeatures } from '../../src/features/default-features.ts';
import { compileFeatures, type FeaturePlan } from '../../src/features/feature-plan.ts';
import { ownedWindow, type SeriesWindow } from '../../src/features/series-window.ts';
import type { CalendarField } from '../../src/schemas/feature-schema.ts';

export interface OracleFixture {
  readonly options: {
    readonly frequency: string;
    readonly timeZone: string;
    readonly seasons: readonly number[];
    readonly horizon: number;
    readonly lags: readonly number[];
    readonly windows: readonly number[];
    readonly calendar: readonly CalendarField[];
    readonly holidays: readonly string[];
  };
  readonly names: readonly string[];
  readonly start: string;
  /** Index of the period, counted from `start`, and its value, in order of arrival. */
  readonly arrivals?: readonly (readonly [number, number])[];
  /** Seconds since the event before, and the value. */
  readonly events?: readonly (readonly [number, number])[];
  readonly startMs?: number;
  readonly rows: readonly {
    readonly origin: string;
    readonly row: readonly (number | null)[];
    readonly naive: readonly (number | null)[];
  }[];
}

const FOLDER = new URL('../fixtures/features/', import.meta.url);

export const oracleFixture = (name: string): OracleFixture =>
  // Written by test/oracles/features.py in this shape.
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as OracleFixture;

const calendarFor = ({ options }: OracleFixture): Calendar | undefined => {
  if (options.holidays.length === 0) return undefined;
  const days = Int32Array.from(options.holidays, (date) => Date.parse(date) / DAY_MS);
  // As the oracle numbers them: by the month and the day, 704 for the fourth of July.
  const which = Int32Array.from(options.holidays, (date) => Number(date.slice(5).replace('-', '')));
  return calendarOf({ region: 'test', version: '1', days, which });
};

export const planOf = (fixture: OracleFixture): FeaturePlan => {
  const { options } = fixture;
  const calendar = calendarFor(fixture);
  const schema = defaultFeatures({
    ...options,
    holidays: calendar?.holidays ?? null,
    rolling: { windows: options.windows, statistics: ['mean', 'std', 'min', 'max'] },
  });
  return compileFeatures(schema, calendar === undefined ? {} : { calendar });
};

/** Period number of an ISO stamp. */
export const periodAt = (fixture: OracleFixture, stamp: string): number =>
  parseFrequency(fixture.options.frequency, fixture.options.timeZone).periodOf(Date.parse(stamp));

/** Fills a window as a keyed source would: appends what is ahead, corrects what is not. */
export const windowOf = (fixture: OracleFixture, capacity: number): SeriesWindow => {
  const window = ownedWindow(capacity);
  const first = periodAt(fixture, fixture.start);
  for (const [index, value] of fixture.arrivals ?? []) {
    const period = first + index;
    if (window.isEmpty || period > window.head) window.append(period, value);
    else window.rewrite(period, value);
  }
  return window;
};
