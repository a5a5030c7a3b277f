import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultFeatures } from '../../src/features/default-features.ts';
import type { ModelAdopted } from '../../src/schemas/decision.ts';
import {
  completeTo,
  forecastingDriver,
  HOUR_MS,
  modelEvent,
  observed,
  sentTo,
  SERDES,
  type ForecastingDriverOptions,
} from '../support/forecasting-driver.ts';
import { committedBy, countOf } from '../support/forecasting-log.ts';
import { mixingShelf } from '../support/mixing-shelf.ts';
import type { FedRecord, TopologyDriver } from '../support/topology-driver.ts';

const START = Date.UTC(2024, 0, 1);
const HORIZON = 3;
const HOURS = 40;
const at = (hours: number): number => START + hours * HOUR_MS;

const features = defaultFeatures({
  ...{ frequency: '1h', timeZone: 'UTC', holidays: null, seasons: [3, 6], horizon: HORIZON },
  ...{ lags: [1, 2], rolling: { windows: [3], statistics: ['mean', 'std'] }, calendar: ['hour'] },
});

const options: ForecastingDriverOptions = {
  features,
  historyNeeded: 4,
  staleAfterMs: 3 * HOUR_MS,
  deadAfterMs: 6 * HOUR_MS,
  timeZoneAttribute: 'tz',
  shelf: mixingShelf(HORIZON),
  longStretch: 1,
};

const model = (version: string, previous: string): FedRecord =>
  modelEvent({
    ...{ type: 'ModelPromoted', stream: 's', model: 'm', version, sha256: `sha-${version}` },
    ...{ actor: '', reason: '', requestId: '', gate: '{}', decidedAt: 0 },
    ...{ previous, effectiveFrom: 0 },
  });

interface Drawn {
  readonly series: number;
  /** Hours after the latest complete one; below 0: its period is over. */
  readonly ahead: number;
  readonly value: number | null;
  readonly zone: number;
  readonly moves: number;
}

const ZONES = [{}, {}, {}, { tz: 'America/New_York' }, { tz: 'Nowhere/At_All' }];

const drawn = fc.record({
  series: fc.nat({ max: 2 }),
  ahead: fc.integer({ min: -3, max: 2 }),
  value: fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: 50 }) },
    { arbitrary: fc.constant(null), weight: 1 },
  ),
  zone: fc.nat({ max: ZONES.length - 1 }),
  // Hours by which the watermark moves on after the event; mostly none.
  moves: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 5, 11),
});
const drawnLog = fc.array(drawn, { minLength: 30, maxLength: 60 });

/** Observations and watermarks of one partition, as ingest would write them. */
const logOf = (all: readonly Drawn[]): FedRecord[] => {
  let complete = 4;
  const records: FedRecord[] = [];
  for (const { series, ahead, value, zone, moves } of all) {
    const hour = Math.max(0, complete + ahead);
    const late = hour < complete && complete > 4 ? { late: at(complete) } : {};
    const attributes = ZONES[zone] ?? {};
    records.push(observed(`s${series}`, at(hour) + zone, { value, attributes, ...late }));
    if (moves === 0 || complete + moves > HOURS) continue;
    complete += moves;
    records.push(completeTo(at(complete)));
  }
  records.push(completeTo(at(HOURS)));
  return records;
};

const KINDS = [
  { aggregate: 'none' },
  { aggregate: 'sum' },
  { aggregate: 'none', isKeyed: true },
] as const;
const kind = fc.constantFrom(...KINDS);

/** A run whose models come while it goes on, which records when. */
const calmRun = async (
  given: ForecastingDriverOptions,
  records: readonly FedRecord[],
): Promise<TopologyDriver> => {
  const driver = forecastingDriver({ ...options, ...given });
  const third = Math.floor(records.length / 3);
  await driver.feed(records.slice(0, third));
  await driver.feed([model('1', ''), ...records.slice(third, 2 * third)]);
  await driver.feed([model('2', 'sha-1'), ...records.slice(2 * third)]);
  return driver;
};

const adoptedIn = (driver: TopologyDriver): ModelAdopted[] =>
  sentTo(driver.sent, 'decisions', SERDES.decision).flatMap((one) =>
    one.type === 'ModelAdopted' ? [one] : [],
  );

/** How the same log is processed otherwise: in other batches, chunks and commits. */
interface Cuts {
  readonly chunkRows: number | undefined;
  readonly closingsPerCommit: number | undefined;
  readonly batches: readonly Cut[];
}

interface Cut {
  readonly size: number;
  /** A batch that fails first, and a crash behind it. */
  readonly failsFirst: boolean;
  readonly crashes: boolean;
}

const cut: fc.Arbitrary<Cut> = fc.record({
  size: fc.constantFrom(1, 1, 2, 3, 7, 40),
  failsFirst: fc.boolean(),
  crashes: fc.boolean(),
});

const drawnCuts: fc.Arbitrary<Cuts> = fc.record({
  chunkRows: fc.constantFrom(undefined, 1, 2),
  closingsPerCommit: fc.constantFrom(undefined, undefined, 1, 3),
  batches: fc.array(cut, { minLength: 1, maxLength: 8 }),
});

/** The same log in other batches, some of which fail or are followed by a crash. */
const replayed = async (
  driver: TopologyDriver,
  records: readonly FedRecord[],
  cuts: readonly Cut[],
): Promise<TopologyDriver> => {
  let from = 0;
  for (let index = 0; from < records.length; index += 1) {
    const { size = 1, failsFirst = false, crashes = false } = cuts[index % cuts.length] ?? {};
    const batch = records.slice(from, from + size);
    if (failsFirst) await driver.feedInVain(batch);
    await driver.feed(batch);
    if (crashes) driver.revive();
    from += size;
  }
  return driver;
};

/** Periods that readers were not told of, since no series lived in them. */
const passedOver = ({ sent }: TopologyDriver): number => {
  const told = sent.flatMap(({ topic, value, headers }) =>
    topic === 's.scores' && value === null ? [Number(headers?.['watermark']) / HOUR_MS] : [],
  );
  return told.slice(1).filter((hour, index) => hour > (told[index] ?? hour) + 1).length;
};

const RUNS = { numRuns: 50, seed: 20_240_101 };

describe('the forecasting topology', () => {
  it('writes the same however its log is cut, fails and is taken up again', async () => {
    const seen = {
      forecasts: 0,
      models: 0,
      scores: 0,
      revisions: 0,
      late: 0,
      stale: 0,
      zones: 0,
      passed: 0,
    };
    const check = async (
      given: ForecastingDriverOptions,
      all: readonly Drawn[],
      { batches, ...limits }: Cuts,
    ): Promise<void> => {
      const records = logOf(all);
      const calm = await calmRun(given, records);
      const pinned = adoptedIn(calm);
      const pins = { ...limits, pinned: () => pinned };
      const driver = forecastingDriver({ ...options, ...given, ...pins });
      const expected = committedBy(calm.sent);
      expect(committedBy((await replayed(driver, records, batches)).sent)).toEqual(expected);
      seen.forecasts += countOf(expected, 'forecasts');
      seen.models += countOf(expected, 'forecasts', '"role":"champion"');
      seen.scores += countOf(expected, 'scores', 'actual');
      seen.revisions +=
        countOf(expected, 'scores', '"supersededActual":') -
        countOf(expected, 'scores', '"supersededActual":null');
      seen.late += countOf(expected, 'late');
      seen.stale += countOf(expected, 'decisions', 'SeriesStale');
      seen.passed += given.isKeyed === true ? 0 : passedOver(calm);
      seen.zones += [...driver.changelog.keys()].filter((key) =>
        key.includes('series-zones'),
      ).length;
    };
    await fc.assert(fc.asyncProperty(kind, drawnLog, drawnCuts, check), RUNS);
    expect(seen.forecasts).toBeGreaterThan(1_000);
    expect(seen.models).toBeGreaterThan(300);
    expect(seen.scores).toBeGreaterThan(700);
    expect(seen.revisions).toBeGreaterThan(50);
    expect(seen.late).toBeGreaterThan(50);
    expect(seen.stale).toBeGreaterThan(50);
    expect(seen.zones).toBeGreaterThan(20);
    expect(seen.passed).toBeGreaterThan(50);
  }, 120_000);

  it('forecasts the same whatever comes after the record that closed the origin', async () => {
    let compared = 0;
    let moved = 0;
    const before = (driver: TopologyDriver, hour: number) =>
      sentTo(driver.sent, 'forecasts', SERDES.forecast).filter(({ origin }) => origin < at(hour));
    const run = async (given: ForecastingDriverOptions, all: readonly Drawn[]) => {
      const driver = forecastingDriver({ ...options, ...given });
      await driver.feed([model('1', '')]);
      await driver.feed(logOf(all));
      return driver;
    };
    const check = async (
      aggregate: 'none' | 'sum',
      all: readonly Drawn[],
      others: readonly Drawn[],
    ): Promise<void> => {
      const half = Math.floor(all.length / 2);
      const kept = all.slice(0, half);
      const complete = kept.reduce(
        (hour, { moves }) => (hour + moves > HOURS ? hour : hour + moves),
        4,
      );
      if (complete === 4) return;
      const calm = before(await run({ aggregate }, all), complete);
      const changed = before(await run({ aggregate }, [...kept, ...others]), complete);
      expect(changed.map(said)).toEqual(calm.map(said));
      compared += calm.length;
      const touched = before(await run({ aggregate }, [...others, ...kept]), complete);
      if (JSON.stringify(touched.map(said)) !== JSON.stringify(calm.map(said))) moved += 1;
    };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('none', 'sum'), drawnLog, drawnLog, check),
      RUNS,
    );
    expect(compared).toBeGreaterThan(700);
    expect(moved).toBeGreaterThan(40);
  }, 120_000);
});

const said = (forecast: {
  readonly seriesId: string;
  readonly origin: number;
  readonly mean: Float64Array;
}) => [forecast.seriesId, forecast.origin, [...forecast.mean]];
