import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { defaultFeatures } from '../../src/features/default-features.ts';
import {
  completeTo,
  forecastingDriver,
  HOUR_MS,
  modelEvent,
  SERDES,
} from '../support/forecasting-driver.ts';
import { committedBy, countOf } from '../support/forecasting-log.ts';
import { INGEST_SERDES, raw } from '../support/ingest-driver.ts';
import { ingested, type Reading } from '../support/ingested.ts';
import { mixingShelf } from '../support/mixing-shelf.ts';
import type { FedRecord } from '../support/topology-driver.ts';

const START = Date.UTC(2024, 0, 1);
const GRACE = HOUR_MS / 2;
const HORIZON = 3;
const HOURS = 30;
const serdes = { ...SERDES, observation: INGEST_SERDES.observation };

const features = defaultFeatures({
  ...{ frequency: '1h', timeZone: 'UTC', holidays: null, seasons: [3, 6], horizon: HORIZON },
  ...{ lags: [1], rolling: { windows: [3], statistics: ['mean'] }, calendar: ['hour'] },
});

const champion = modelEvent({
  ...{ type: 'ModelPromoted', stream: 's', model: 'm', version: '1', sha256: 'sha-1' },
  ...{ actor: '', reason: '', requestId: '', gate: '{}', decidedAt: 0 },
  ...{ previous: '', effectiveFrom: 0 },
});

/** Events in time order but for less than the grace, some of them twice, and what is none. */
const eventsOf = (seed: number): FedRecord[] => {
  const random = seededRandom(`interleaving/${seed}`);
  const drawn = Array.from({ length: 220 }, () => {
    const timeMs = START + random.int(HOURS * HOUR_MS);
    return { timeMs, place: timeMs + random.int(GRACE), series: `s${random.int(4)}` };
  });
  const inOrder = drawn.sort((one, other) => one.place - other.place);
  return inOrder.flatMap(({ series, timeMs }, index) => {
    const event = raw(series, timeMs, { id: `e${index}` });
    if (index % 7 === 0) return [event, event];
    return index % 11 === 0 ? [{ ...event, value: Buffer.from('{') }, event] : [event];
  });
};

const forecastOf = async (records: readonly FedRecord[]) => {
  const driver = forecastingDriver({
    ...{ features, serdes, historyNeeded: 4, shelf: mixingShelf(HORIZON) },
    ...{ staleAfterMs: 2 * HOUR_MS, deadAfterMs: 4 * HOUR_MS },
  });
  await driver.feed([champion]);
  for (let from = 0; from < records.length; from += 50) {
    await driver.feed(records.slice(from, from + 50));
  }
  // Watermarks are told as they come; what series are told is compared.
  return committedBy(driver.sent, ({ value }) => value !== null);
};

/** What would be without watermarks: a period closes when any later event has come. */
const byStreamTime = (records: readonly FedRecord[]): FedRecord[] => {
  let reached = -Infinity;
  return records.flatMap((record) => {
    const decoded = INGEST_SERDES.observation.decode(record.value);
    if (!decoded.ok) return [];
    reached = Math.max(reached, decoded.value.eventTime - GRACE);
    return [{ ...record, headers: {} }, completeTo(reached)];
  });
};

interface Cut {
  readonly rawPartitions: number;
  readonly reading: Reading;
  readonly batchSize: number;
}

const cut: fc.Arbitrary<Cut> = fc.record({
  rawPartitions: fc.constantFrom(4, 8),
  reading: fc.constantFrom<Reading>('evenly', 'one after the other'),
  batchSize: fc.integer({ min: 1, max: 30 }),
});

describe('the same raw events on any number of partitions, read in any order', () => {
  it('give the same period values, forecasts and scores; by stream time they do not', async () => {
    const seen = { forecasts: 0, scores: 0, stale: 0, differing: 0, runs: 0 };
    const check = async (seed: number, given: Cut): Promise<void> => {
      const { rawPartitions, reading, batchSize } = given;
      const events = eventsOf(seed);
      const random = seededRandom(`placed/${seed}`);
      const placed = events.map(() => random.int(rawPartitions));
      const one = await ingested(events, {
        ...{ graceMs: GRACE, rawPartitions: 1, reading, partitionOf: () => 0, batchSize: 40 },
      });
      const many = await ingested(events, {
        ...{ graceMs: GRACE, rawPartitions, reading, batchSize },
        partitionOf: (index) => placed[index] ?? 0,
      });
      const expected = await forecastOf(one);
      expect(await forecastOf(many)).toEqual(expected);
      expect(countOf(expected, 'late')).toBe(0);
      seen.forecasts += countOf(expected, 'forecasts', '"role":"champion"');
      seen.scores += countOf(expected, 'scores');
      seen.stale += countOf(expected, 'decisions', 'SeriesStale');
      if (reading === 'evenly') return;
      seen.runs += 1;
      const planted = await forecastOf(byStreamTime(many));
      if (countOf(planted, 'late') > 0) seen.differing += 1;
    };
    await fc.assert(fc.asyncProperty(fc.nat({ max: 1_000 }), cut, check), {
      numRuns: 16,
      seed: 4_816,
    });
    expect(seen.forecasts).toBeGreaterThan(1_000);
    expect(seen.scores).toBeGreaterThan(1_000);
    expect(seen.stale).toBeGreaterThan(10);
    expect(seen.runs).toBeGreaterThan(3);
    expect(seen.differing).toBe(seen.runs);
  }, 120_000);
});
