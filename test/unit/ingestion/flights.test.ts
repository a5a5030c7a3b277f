import { describe, expect, it } from 'vitest';
import { FLIGHTS, flightEvents, type FlightEvent } from '../../../src/ingestion/flights.ts';

const first = async (events: AsyncIterable<readonly FlightEvent[]>): Promise<FlightEvent[]> => {
  for await (const batch of events) return [...batch];
  return [];
};

const DAY_MS = 86_400_000;

describe('flightEvents', () => {
  it('gives all 2,999,994 departures in time order, each with its own time', async () => {
    let count = 0;
    let lastMs = -Infinity;
    let ordered = true;
    let lastBatch: readonly FlightEvent[] = [];
    for await (const batch of flightEvents()) {
      for (const { eventTimeMs } of batch) {
        ordered &&= eventTimeMs >= lastMs;
        lastMs = eventTimeMs;
      }
      count += batch.length;
      lastBatch = batch;
    }
    expect(count).toBe(FLIGHTS.count);
    expect(ordered).toBe(true);
    expect(lastMs).toBeLessThan(FLIGHTS.toMs);
    for (const { json, eventTimeMs } of lastBatch) {
      const { date } = JSON.parse(json) as { readonly date: string };
      expect(Date.parse(`${date}Z`)).toBe(eventTimeMs);
    }
  });

  it('begins with the first departure of the year', async () => {
    const [event] = await first(flightEvents());
    expect(event).toEqual({
      eventTimeMs: Date.UTC(2001, 0, 1, 0, 1),
      json:
        '{"date":"2001-01-01T00:01:00","origin":"LAS","destination":"PHL",' +
        '"delay":33,"distance":2176}',
    });
  });

  it('gives a span, and nothing outside of it', async () => {
    const fromMs = FLIGHTS.fromMs + 20 * DAY_MS;
    let count = 0;
    for await (const batch of flightEvents({ fromMs, toMs: fromMs + DAY_MS })) {
      count += batch.length;
      const times = batch.map(({ eventTimeMs }) => eventTimeMs);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(fromMs);
      expect(Math.max(...times)).toBeLessThan(fromMs + DAY_MS);
    }
    expect(count).toBeGreaterThan(14_000);
    expect(count).toBeLessThan(18_000);
  });

  it.each([1, 4_095, 4_096, 272_726, 272_727, 300_000])(
    'goes on after %i events as if it had not been interrupted',
    async (skip) => {
      let seen = 0;
      let expected: FlightEvent | undefined;
      for await (const batch of flightEvents()) {
        if (seen + batch.length > skip) {
          expected = batch[skip - seen];
          break;
        }
        seen += batch.length;
      }
      const [event] = await first(flightEvents({ skip }));
      expect(event).toEqual(expected);
      expect(event).toBeDefined();
    },
  );

  it('gives nothing when all has been taken', async () => {
    expect(await first(flightEvents({ skip: FLIGHTS.count }))).toEqual([]);
    expect(await first(flightEvents({ fromMs: FLIGHTS.toMs }))).toEqual([]);
  });
});
