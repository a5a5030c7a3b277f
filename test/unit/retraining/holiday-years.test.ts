import { describe, expect, it } from 'vitest';
import { calendarByYear, specialDay } from '../../../src/calendars/calendar.ts';
import { publicHolidays } from '../../../src/calendars/public-holidays.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { defaultFeatures } from '../../../src/features/default-features.ts';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { memberMeans } from '../../../src/models/average/member.ts';
import { openOnnxForecaster } from '../../../src/models/onnx/onnx-forecaster.ts';
import type { FeatureSchema } from '../../../src/schemas/feature-schema.ts';
import type { TrainingSeries } from '../../../src/retraining/trainer.ts';
import { averageTrainer } from '../../../src/retraining/trainers/average/average.ts';
import { fitAverage } from '../../../src/retraining/trainers/average/average-fit.ts';
import { candidatesOf, recursionOf } from '../../../src/retraining/trainers/average/candidates.ts';
import { HolidayYears } from '../../../src/retraining/trainers/average/holiday-years.ts';
import { TrainingRows, type RowsInput } from '../../../src/retraining/trainers/training-rows.ts';

const REGION = 'US';
const rules = publicHolidays(REGION);
const calendar = calendarByYear(rules);
const holidays = rules.within(2016, 2021);

const schemaOf = (frequency: string, short: number, horizon: number): FeatureSchema =>
  defaultFeatures({
    ...{ frequency, timeZone: 'UTC', seasons: [short, 7 * short], horizon, lags: [] },
    holidays: { region: REGION, version: holidays.version },
    rolling: { windows: [], statistics: [] },
    calendar: ['hour', 'dayofweek'],
  });

const [START, END] = [Date.UTC(2017, 0, 1), Date.UTC(2020, 11, 1)];
const CHRISTMAS = specialDay(calendar, Date.UTC(2018, 11, 25) / 86_400_000);

/** A day that loses `lost` at Christmas, between 6 and 18 where it has hours, and nothing else. */
const series = (
  periodMs: number,
  { lost = 40, until = END }: { readonly lost?: number; readonly until?: number } = {},
): TrainingSeries => {
  const random = seededRandom('holidays');
  const firstPeriod = START / periodMs;
  const values = Float64Array.from({ length: (until - START) / periodMs }, (_, index) => {
    const ms = START + index * periodMs;
    const hour = (ms / 3_600_000) % 24;
    const isLow = periodMs === 86_400_000 || (hour >= 6 && hour < 18);
    const isChristmas = specialDay(calendar, Math.floor(ms / 86_400_000)) === CHRISTMAS;
    const usual = 100 + 10 * Math.sin((2 * Math.PI * index) / 7) + random.normal();
    return usual - (isChristmas && isLow ? lost : 0);
  });
  return { seriesId: 'a', firstPeriod, values };
};

const inputOf = (featureSchema: FeatureSchema, one: TrainingSeries): RowsInput => ({
  ...{ featureSchema, series: [one], holidays, fromPeriod: 0 },
  toPeriod: one.firstPeriod + one.values.length,
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const hourly = schemaOf('1h', 24, 24);
const daily = schemaOf('1d', 7, 7);

/** The effects that rows tell of a date's targets, step by step, from the origin before it. */
const toldAt = (input: RowsInput, isoDay: string): number[] => {
  const years = HolidayYears.of(input);
  const day = Date.parse(isoDay);
  let told: number[] = [];
  const rows = new TrainingRows({ ...input, stride: 1, more: years });
  rows.visit(() => {
    if (rows.origin === day / HOUR - 1) told = [...rows.row.subarray(-72, -48)];
  });
  return told;
};

describe('what holidays brought', () => {
  it('is what they did in the years before, by the part of the day', () => {
    const input = inputOf(hourly, series(HOUR));
    expect(toldAt(input, '2017-12-25').every((effect) => effect === 0)).toBe(true);
    const told = toldAt(input, '2019-12-25');
    for (const [hour, effect] of told.entries()) {
      if (hour >= 6 && hour < 18) expect(effect).toBeLessThan(-3);
      else expect(Math.abs(effect)).toBeLessThan(2);
    }
    expect(toldAt(input, '2019-12-27').every((effect) => effect === 0)).toBe(true);
  });

  it('does not change with the year that is forecast', () => {
    const one = series(HOUR);
    const from = Date.parse('2019-12-25') / HOUR - one.firstPeriod;
    const values = one.values.map((value, at) => (at >= from && at < from + 24 ? 0 : value));
    const other = inputOf(hourly, { ...one, values });
    const input = inputOf(hourly, one);
    expect(toldAt(other, '2019-12-25')).toEqual(toldAt(input, '2019-12-25'));
    expect(HolidayYears.of(other)?.latest()).not.toEqual(HolidayYears.of(input)?.latest());
  });

  it('is unknown where no holiday came twice, or none is named', () => {
    const year = series(HOUR, { until: Date.UTC(2017, 10, 1) });
    expect(HolidayYears.of(inputOf(hourly, year))).toBeUndefined();
    const terms = hourly.terms.filter(
      (term) => term.kind !== 'profile' || term.profile.of !== 'special-day',
    );
    const unnamed = { ...hourly, terms, holidays: null };
    expect(HolidayYears.of({ ...inputOf(unnamed, series(HOUR)), holidays: null })).toBeUndefined();
  });
});

describe('a recursion beside holidays', () => {
  it('learns from slots as they are, and forecasts from what holidays move', () => {
    const input = inputOf(hourly, series(HOUR));
    const more = HolidayYears.of(input);
    const rows = new TrainingRows({ ...input, more });
    const asked = candidatesOf(input).filter((candidate) => candidate.kind === 'recursion');
    expect(asked.map(({ name }) => name)).toEqual(['autoregression']);
    for (const candidate of asked) {
      const { learnt, told } = recursionOf(candidate, { ...input, more });
      expect(told.design.anchors[0]).toBeGreaterThanOrEqual(learnt.design.width);
      expect(learnt.design.anchors[0]).toBeLessThan(learnt.design.width);
      expect(told.design.scalars).toEqual(learnt.design.scalars);
      expect(told.design.width).toBe(rows.row.length);
    }
  });
});

describe('an average that knows holidays', () => {
  const SMALL = { trees: 60, rate: 0.2, samplesEnough: 20_000 };
  const next = series(DAY, { until: Date.UTC(2020, 11, 24) });

  it('forecasts the next one, in the graph as in plain steps', { timeout: 60_000 }, async () => {
    const input = { ...inputOf(daily, series(DAY)), seed: 's' };
    const { signal } = new AbortController();
    const { artifact } = await averageTrainer(SMALL).train({ ...input, holidays }, signal);
    const plan = compileFeatures(daily, { calendar });
    const window = ownedWindow(plan.lookback + 1);
    for (const [at, value] of next.values.entries()) window.append(next.firstPeriod + at, value);
    const origin = next.firstPeriod + next.values.length - 1;
    const row = new Float64Array(plan.width + 21);
    plan.write(window, origin, row, 0);
    const forecaster = await openOnnxForecaster({ artifact, name: 'a', version: '1', workers: 1 });
    const means = await forecaster.predict(row.slice(0, plan.width), 1);
    await forecaster.close();
    // The second target is Christmas.
    expect(means[1]).toBeLessThan(80);
    expect(means[4]).toBeGreaterThan(85);

    HolidayYears.of(input)?.write(row, origin);
    const { members } = fitAverage(input, SMALL);
    const [expected, out] = [new Float64Array(7), new Float64Array(7)];
    for (const { member, weight } of members) {
      memberMeans(member)(row, out);
      for (const [step, mean] of out.entries()) {
        expected[step] = (expected[step] ?? 0) + weight * mean;
      }
    }
    for (const [step, mean] of expected.entries()) expect(means[step]).toBeCloseTo(mean, 6);
  });
});
