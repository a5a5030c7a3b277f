import { describe, expect, it } from 'vitest';
import { valueOf } from '../../src/evaluation/history.ts';
import { eventMapper } from '../../src/ingestion/event-mapper.ts';
import { flightEvents, FLIGHTS } from '../../src/ingestion/flights.ts';
import { avroSerdes } from '../support/forecasting-avro.ts';
import { forecastingDriver, HOUR_MS, sentTo } from '../support/forecasting-driver.ts';
import { flightsCounts } from '../support/flights-counts.ts';
import { DAY_MS, INGEST_SERDES, RAW } from '../support/ingest-driver.ts';
import { ingested } from '../support/ingested.ts';
import type { FedRecord } from '../support/topology-driver.ts';

const AIRPORTS = 40;
const DAYS = 12;
const RAW_PARTITIONS = 4;
const BATCH = 2_000;

const map = eventMapper(
  {
    ...{ series: 'origin', time: 'date', value: undefined, id: undefined },
    ...{ timeZone: 'UTC', attributes: {} },
  },
  { seriesIdBytesMax: 256, attributeBytesMax: 256, maxAheadMs: DAY_MS },
);

const departures = async (airports: ReadonlySet<string>): Promise<FedRecord[]> => {
  const records: FedRecord[] = [];
  for await (const events of flightEvents({ toMs: FLIGHTS.fromMs + DAYS * DAY_MS })) {
    for (const { eventTimeMs, json } of events) {
      // Codes have three letters.
      const origin = json.slice(json.indexOf('"origin":"') + 10).slice(0, 3);
      if (!airports.has(origin)) continue;
      records.push({ topic: RAW, value: Buffer.from(json), appendedAtMs: eventTimeMs });
    }
  }
  return records;
};

describe('real departures, keyed by nothing, through ingest and forecasting', () => {
  it('are counted an hour and airport as a plain count does', async () => {
    const counts = await flightsCounts(AIRPORTS);
    const byAirport = new Map(counts.map((one) => [one.seriesId, one]));
    const events = await departures(new Set(byAirport.keys()));
    const records = await ingested(events, {
      ...{ map, graceMs: 600_000, rawPartitions: RAW_PARTITIONS, batchSize: BATCH },
      ...{ reading: 'evenly', partitionOf: (index) => index % RAW_PARTITIONS },
    });
    const serdes = { ...(await avroSerdes()), observation: INGEST_SERDES.observation };
    const driver = forecastingDriver({ serdes });
    for (let from = 0; from < records.length; from += BATCH) {
      await driver.feed(records.slice(from, from + BATCH));
    }
    const scores = sentTo(driver.sent, 'scores', serdes.score);
    for (const { seriesId, target, actual } of scores) {
      const airport = byAirport.get(seriesId);
      const expected = airport === undefined ? NaN : valueOf(airport, target / HOUR_MS);
      if (actual !== expected) expect([seriesId, target, actual]).toEqual([expected]);
    }
    expect(sentTo(driver.sent, 'late', serdes.late)).toHaveLength(0);
    expect(driver.refusals).toHaveLength(0);
    expect(events.length).toBeGreaterThan(100_000);
    // All hours but those up to the first departure of each, and the last, still open ones.
    expect(scores.length).toBeGreaterThan(AIRPORTS * (DAYS * 24 - 10));
    expect(scores.length).toBeGreaterThan(10_000);
  }, 120_000);
});
