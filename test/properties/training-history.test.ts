import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Panel, SeriesHistory } from '../../src/evaluation/history.ts';
import { originBlocks } from '../../src/evaluation/origin-blocks.ts';
import type { BareRecord } from '../../src/log/memory/memory-log.ts';
import { TrainingRows } from '../../src/retraining/trainers/training-rows.ts';
import { featureSchemaHash } from '../../src/schemas/feature-schema.ts';
import { watermarkRecord, sourceSet } from '../../src/streams/watermarks.ts';
import {
  LearntStream,
  wiredStream,
  type SeenSeries,
  type WiredStream,
} from '../support/learnt-stream.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** The clock of New York is changed within the first days. */
const FIRST = Date.UTC(2024, 2, 8) / HOUR_MS;
const HORIZON = 2;
const PARTITIONS = 2;
const SERIES = 5;
const RAW_PARTITIONS = [0, 1].map((partition) => ({ topic: 'raw', partition }));

const KINDS = ['none', 'keyed', 'sum', 'last'] as const;
type Kind = (typeof KINDS)[number];

const configOf = (kind: Kind): string => `
kafka: { partitions: ${PARTITIONS} }
streams:
  s:
    source:
      { topic: raw, series: s, time: t, value: v, attributes: [tz], keyed: ${kind === 'keyed'} }
    frequency: 1h
    timeZone: { attribute: tz }
    aggregate: ${kind === 'keyed' ? 'none' : kind}
    forecast: { horizon: ${HORIZON} }
    seasons: [2]
    features:
      { lags: [1], rolling: { windows: [2], statistics: [mean] }, calendar: [hour, dayofweek] }
    staleAfter: 1000d
    deadAfter: 2000d
`;

interface Drawn {
  readonly series: number;
  readonly raw: number;
  /** Periods after the latest complete one of the raw partition; below 0: over. */
  readonly ahead: number;
  readonly minute: number;
  readonly value: number | null;
  readonly zone: number;
  readonly id: number;
  /** Periods by which the raw partition's watermark moves on after the event. */
  readonly moves: number;
}

const ZONES = [{}, { tz: 'America/New_York' }, { tz: 'Asia/Tokyo' }, { tz: 'Nowhere/At_All' }];

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> => ({
  weight,
  arbitrary,
});

const drawn: fc.Arbitrary<Drawn> = fc.record({
  series: fc.nat({ max: SERIES - 1 }),
  raw: fc.nat({ max: 1 }),
  ahead: fc.oneof(
    often(6, fc.integer({ min: 0, max: 2 })),
    often(4, fc.integer({ min: -6, max: -1 })),
    often(1, fc.integer({ min: -90, max: -40 })),
    // Beyond the ring, which begins anew behind it where nobody closes what lies between.
    often(1, fc.constantFrom(0, 40, 70)),
  ),
  minute: fc.nat({ max: 3 }),
  value: fc.oneof(
    often(12, fc.nat({ max: 50 })),
    often(3, fc.constant(null)),
    often(1, fc.constantFrom(Infinity, -Infinity, NaN, 1e200)),
  ),
  zone: fc.nat({ max: ZONES.length - 1 }),
  id: fc.nat({ max: 8 }),
  moves: fc.constantFrom(0, 0, 0, 1, 1, 2, 9),
});

const drawnLog = fc.array(drawn, { minLength: 20, maxLength: 90 });

/** One run of a stream, by what its two raw partitions say. */
class Story {
  private readonly stream: LearntStream;
  private readonly isKeyed: boolean;
  /** The first period that each raw partition leaves open. */
  private readonly complete = [FIRST, FIRST];
  /** The latest period that had an event. */
  private latest = FIRST;

  constructor(stream: LearntStream, isKeyed: boolean) {
    this.stream = stream;
    this.isKeyed = isKeyed;
  }

  async tell(one: Drawn): Promise<void> {
    const complete = this.complete[one.raw] ?? FIRST;
    const farthest = this.isKeyed ? one.ahead : Math.min(2, one.ahead);
    await this.append(one, Math.max(FIRST - 5, complete + farthest));
    if (one.moves > 0) await this.moveTo(one.raw, complete + one.moves);
  }

  /** Ends with periods in which all series speak, and nothing is corrected; returns the first. */
  async end(): Promise<number> {
    const first = Math.max(this.latest, ...this.complete) + 2;
    const said = { minute: 0, zone: 0, id: 0, moves: 0, ahead: 0, raw: 0 };
    for (const raw of [0, 1]) await this.moveTo(raw, first);
    for (let period = first; period <= first + HORIZON; period += 1) {
      for (let series = 0; series < SERIES; series += 1) {
        await this.append({ ...said, series, value: period % 7 }, period);
      }
    }
    for (const raw of [0, 1]) await this.moveTo(raw, first + HORIZON + 1);
    return first;
  }

  private async append({ series, raw, minute, value, zone, id }: Drawn, period: number) {
    this.latest = Math.max(this.latest, period);
    const seriesId = `s${series}`;
    const eventTime = period * HOUR_MS + minute * MINUTE_MS;
    const attributes = ZONES[zone] ?? {};
    const complete = this.complete[raw] ?? FIRST;
    const isLate = !this.isKeyed && period < complete;
    const record: BareRecord = {
      // Now and then a key that is no text.
      key: id === 8 ? Buffer.of(0xff) : Buffer.from(seriesId),
      value: this.stream.wired.serdes.observation.encode({
        seriesId,
        eventTime,
        value,
        attributes,
      }),
      headers: {
        source: `raw:${raw}:0`,
        ...(isLate ? { late: String(complete * HOUR_MS) } : {}),
        ...(id < 4 ? { id: String(id) } : {}),
      },
    };
    await this.stream.append(series % PARTITIONS, record);
  }

  /** In steps, each shorter than a ring. */
  private async moveTo(raw: number, complete: number): Promise<void> {
    const from = this.complete[raw] ?? FIRST;
    this.complete[raw] = complete;
    if (this.isKeyed) return;
    for (let step = Math.min(complete, from + 9); step < complete; step += 9) {
      await this.say(raw, step);
    }
    await this.say(raw, complete);
  }

  private async say(raw: number, complete: number): Promise<void> {
    const said = {
      ...{ topic: 'raw', partition: raw, watermark: complete * HOUR_MS, idle: false },
      sources: sourceSet(1, RAW_PARTITIONS),
    };
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const { key, value, headers = {} } = watermarkRecord({ topic: 'any', partition }, said);
      await this.stream.append(partition, { key, value, headers });
    }
  }
}

const zoneOf = ({ timeZone, timeZoneFrom }: SeriesHistory): SeenSeries['zone'] =>
  timeZone === undefined || timeZoneFrom === undefined ? undefined : { timeZone, timeZoneFrom };

/** Every value that was known; what nobody said of a period is no value. */
const knownOf = (values: Iterable<readonly [number, number]>): ReadonlyMap<number, number> =>
  new Map([...values].filter(([, value]) => !Number.isNaN(value)));

const compareHistories = (online: readonly SeenSeries[], { series }: Panel): void => {
  expect(series.map(({ seriesId }) => seriesId)).toEqual(online.map(({ seriesId }) => seriesId));
  for (const [index, history] of series.entries()) {
    const { values = new Map<number, number>(), zone } = online[index] ?? {};
    const { firstPeriod } = history;
    expect(zoneOf(history)).toEqual(zone);
    expect(firstPeriod).toBe(values.keys().next().value);
    const learnt = Array.from(history.values, (value, at) => [firstPeriod + at, value] as const);
    expect(knownOf(learnt)).toEqual(knownOf(values));
  }
};

/** By series and origin: features, as the judge and as a trainer compute them. */
const offlineRows = (
  { features: featureSchema }: WiredStream['parts'],
  panel: Panel,
  { from, to }: { readonly from: number; readonly to: number },
) => {
  const origins = Array.from({ length: to - from }, (_, at) => from + at);
  const judged = new Map<string, Float64Array>();
  for (const block of originBlocks({ panel, schemas: [featureSchema], origins })) {
    const rows = block.rows.get(featureSchemaHash(featureSchema)) ?? new Float64Array();
    const each = rows.length / block.count;
    for (let at = 0; at < block.count; at += 1) {
      judged.set(
        `${block.series.seriesId} ${block.origins[at]}`,
        rows.slice(at * each, (at + 1) * each),
      );
    }
  }
  const fitted = new Map<string, Float64Array>();
  const { series, holidays } = panel;
  const rows = new TrainingRows({
    ...{ featureSchema, series, holidays, stride: 1, fromPeriod: from, toPeriod: to },
  });
  rows.visit(() => {
    fitted.set(`${rows.seriesId} ${rows.origin}`, rows.row.slice());
  });
  return { judged, fitted };
};

/** Compares the features of all origins from `from` on; returns how many, and of how many rows. */
const compareRows = (
  stream: LearntStream,
  panel: Panel,
  span: { readonly from: number; readonly to: number },
): { readonly judged: number; readonly fitted: number } => {
  const { parts } = stream.wired;
  const { judged, fitted } = offlineRows(parts, panel, span);
  const counts = { judged: 0, fitted: 0 };
  for (const { seriesId, origin, values } of stream.features()) {
    const period = parts.shape.periods.periodOf(origin);
    if (period < span.from) continue;
    const name = `${seriesId} ${period}`;
    const published = (row: Float64Array | undefined) => row?.subarray(0, values.length);
    expect(published(judged.get(name))).toEqual(values);
    counts.judged += 1;
    // A trainer wants more history than a judge, and all of its targets.
    if (!fitted.has(name)) continue;
    expect(published(fitted.get(name))).toEqual(values);
    counts.fitted += 1;
  }
  return counts;
};

describe('a training history', () => {
  it.each(KINDS)(
    'is what forecasting saw of the stream: %s',
    async (kind) => {
      const seen = {
        values: 0,
        zones: 0,
        zonesLater: 0,
        judged: 0,
        fitted: 0,
        refused: 0,
        late: 0,
      };
      const wired = await wiredStream(configOf(kind));
      const check = async (all: readonly Drawn[]): Promise<void> => {
        const stream = await LearntStream.of(wired);
        const story = new Story(stream, kind === 'keyed');
        for (const one of all) await story.tell(one);
        const last = await story.end();
        const to = last + HORIZON + 1;
        const panel = await stream.learnt(FIRST, to);
        const online = stream.seen();
        compareHistories(online, panel);
        // Where values are corrected, features of the past were made of what was known then.
        const from = kind === 'none' || kind === 'keyed' ? last : FIRST;
        const { judged, fitted } = compareRows(stream, panel, { from, to });
        for (const { values, zone } of online) {
          const [first = Infinity] = values.keys();
          seen.values += knownOf(values).size;
          seen.zones += Number(zone !== undefined);
          seen.zonesLater += Number(zone !== undefined && zone.timeZoneFrom > first);
        }
        seen.judged += judged;
        seen.fitted += fitted;
        seen.refused += stream.refusals;
        seen.late += stream.late;
      };
      await fc.assert(fc.asyncProperty(drawnLog, check), {
        numRuns: 40,
        seed: 20_240_308,
        interruptAfterTimeLimit: 90_000,
        markInterruptAsFailure: true,
      });
      expect(seen.values).toBeGreaterThan(800);
      expect(seen.zones).toBeGreaterThan(100);
      expect(seen.zonesLater).toBeGreaterThan(40);
      expect(seen.judged).toBeGreaterThan(500);
      expect(seen.fitted).toBeGreaterThan(100);
      expect(seen.refused).toBeGreaterThan(100);
      expect(seen.late).toBeGreaterThan(100);
    },
    120_000,
  );
});
