import { describe, expect, it } from 'vitest';
import { demoClock } from '../../../../src/cli/demo/demo-clock.ts';
import { feedFlights, type Fed, type FeedOptions } from '../../../../src/cli/demo/feed.ts';
import { clockStartMs, feedPosition } from '../../../../src/cli/demo/feed-position.ts';
import { groupLag } from '../../../../src/cli/demo/group-lag.ts';
import { FLIGHTS, flightEvents, type FlightSpan } from '../../../../src/ingestion/flights.ts';
import { noFaults, type Faults } from '../../../../src/log/memory/faults.ts';
import { memoryLog, type MemoryLog } from '../../../../src/log/memory/memory-log.ts';
import { offset } from '../../../../src/log/offset.ts';

const HOUR_MS = 3_600_000;
/** One night and morning of real flights: some five thousand. */
const END_MS = FLIGHTS.fromMs + 12 * HOUR_MS;
const LIVE_MS = FLIGHTS.fromMs + 9 * HOUR_MS;
const NAMES = { application: 'test', topic: 'flights' };

const flights = (span: FlightSpan) => flightEvents({ ...span, toMs: END_MS });

/** What the feed is to append, in the order in which it does. */
const expected = async (): Promise<readonly string[]> => {
  const all: string[] = [];
  for await (const batch of flights({})) all.push(...batch.map(({ json }) => json));
  return all;
};

/** Surroundings of the feed: a log, and a real time that passes only where the feed waits. */
class Demo {
  realMs = 0;
  faults: Faults = noFaults;
  readonly log: MemoryLog = memoryLog({
    clock: { now: () => 0, monotonic: () => this.realMs },
    faults: (point) => {
      this.faults(point);
    },
  });
  readonly abort = new AbortController();
  onWait: () => void = () => undefined;
  readonly clock = demoClock(
    { startMs: LIVE_MS, speed: 3_600 },
    { now: () => this.realMs, monotonic: () => this.realMs },
  );

  feed(rest: Partial<FeedOptions> = {}): Promise<Fed> {
    return feedFlights({
      ...NAMES,
      log: this.log,
      partitions: 4,
      clock: this.clock,
      liveFromMs: LIVE_MS,
      lag: () => Promise.resolve(0),
      signal: this.abort.signal,
      flights,
      wait: async (ms) => {
        this.realMs += ms;
        this.onWait();
      },
      ...rest,
    });
  }

  /** Values of the topic in the order of their event time, which is in them; ties by text. */
  values(): readonly string[] {
    return this.log.snapshot('flights').map(({ value }) => String(value));
  }

  lastTimeMs(): number {
    const times = this.values().map((value) => Date.parse(`${value.slice(9, 28)}Z`));
    return times.reduce((last, time) => Math.max(last, time), -Infinity);
  }
}

const sorted = (values: readonly string[]): readonly string[] => [...values].sort();

describe('the feed of the demo', () => {
  it('appends every flight once, in time order inside each partition, without keys', async () => {
    const demo = new Demo();
    const fed = await demo.feed();
    const all = await expected();
    expect(all.length).toBeGreaterThan(3_000);
    expect(fed).toEqual({ appended: all.length, isOver: true });
    expect(sorted(demo.values())).toEqual(sorted(all));
    for (const partition of [0, 1, 2, 3]) {
      const records = demo.log.snapshot('flights').filter((one) => one.partition === partition);
      const stamps = records.map(({ value }) => String(value).slice(9, 28));
      expect(stamps).toEqual([...stamps].sort());
      expect(records.length).toBeGreaterThan(all.length / 8);
      expect(records.every(({ key }) => key === null)).toBe(true);
    }
  });

  it.each([
    ['before', 'commit', 1],
    ['after', 'commit', 1],
    ['before', 'send', 2],
    ['after', 'send', 15],
    ['after', 'commitOffsets', 15],
    ['before', 'commit', 26],
    ['after', 'commit', 26],
  ] as const)('goes on where it was when it is killed %s its %s number %i', async (...kill) => {
    const demo = new Demo();
    const [moment, call, count] = kill;
    let calls = 0;
    demo.faults = (point) => {
      if (point.moment !== moment || point.call !== call) return;
      calls += 1;
      if (calls === count) throw new Error('killed');
    };
    await expect(demo.feed()).rejects.toThrow('killed');
    const before = demo.values().length;
    expect(await feedPosition(demo.log, NAMES)).toBe(before);
    const { appended } = await demo.feed();
    const all = await expected();
    expect(before).toBeLessThan(all.length);
    expect(appended).toBe(all.length);
    expect(sorted(demo.values())).toEqual(sorted(all));
  });

  it('holds the clock until the history is in, and then appends by it', async () => {
    const demo = new Demo();
    let liveAt: number | undefined;
    const lags: number[] = [];
    demo.onWait = () => {
      if (liveAt === undefined) return;
      lags.push(demo.clock.now() - demo.lastTimeMs());
    };
    await demo.feed({
      onLive: () => {
        liveAt = demo.values().length;
        expect(demo.clock.now()).toBe(LIVE_MS);
        expect(demo.lastTimeMs()).toBeLessThan(LIVE_MS);
        expect(demo.realMs).toBe(0);
      },
    });
    expect(liveAt).toBeGreaterThan(500);
    expect(lags.length).toBeGreaterThanOrEqual(25);
    // Seen after a step of six minutes, in hours with flights in every minute.
    expect(Math.min(...lags)).toBeGreaterThanOrEqual(6 * 60_000);
    expect(Math.max(...lags)).toBeLessThan(30 * 60_000);
  });

  it('runs no further ahead of ingest than its bound', async () => {
    const demo = new Demo();
    let ingested = 0;
    let held = 0;
    const lag = (): Promise<number> => Promise.resolve(demo.values().length - ingested);
    demo.onWait = () => {
      held = Math.max(held, demo.values().length - ingested);
      ingested = Math.min(ingested + 100, demo.values().length);
    };
    const all = (await expected()).length;
    await demo.feed({ lag, lagMax: 500, liveFromMs: END_MS });
    expect(all).toBe(demo.values().length);
    // One transaction beyond the bound at most.
    expect(held).toBeLessThanOrEqual(500 + 4_096);
    expect(held).toBeGreaterThan(500);
  });

  it('stops when it is asked to, whole', async () => {
    const demo = new Demo();
    let waits = 0;
    demo.onWait = () => {
      waits += 1;
      if (waits === 5) demo.abort.abort();
    };
    const { appended, isOver } = await demo.feed();
    expect(isOver).toBe(false);
    expect(demo.values()).toHaveLength(appended);
    expect(waits).toBe(5);
    expect(await feedPosition(demo.log, NAMES)).toBe(appended);
  });
});

describe('the clock of the demo', () => {
  it('goes on at the last flight that was appended, and begins at the present', async () => {
    expect(await clockStartMs(0)).toBe(Date.UTC(2001, 4, 29));
    expect(await clockStartMs(1_000)).toBe(Date.UTC(2001, 4, 29));
    const last = FLIGHTS.count - 1;
    const lastMs = await clockStartMs(last);
    expect(lastMs).toBeGreaterThan(FLIGHTS.toMs - HOUR_MS);
    expect(lastMs).toBeLessThan(FLIGHTS.toMs);
  });
});

describe('the lag of a group', () => {
  it('counts what no position covers', async () => {
    const log = memoryLog({ clock: { now: () => 0, monotonic: () => 0 } });
    expect(await groupLag(log, 'g', 'a')).toBe(0);
    await log.ensureTopics([{ name: 'a', partitions: 2, cleanup: 'delete' }]);
    const transaction = await (await log.producer('p')).begin();
    const record = { topic: 'a', key: null, value: null };
    await transaction.send([0, 0, 0, 1].map((partition) => ({ ...record, partition })));
    await transaction.commitOffsets([{ group: 'g', topic: 'a', partition: 0, next: offset(2) }]);
    await transaction.commit();
    const ends = (await log.topics()).flatMap(({ offsets }) => offsets.map((at) => at.stableEnd));
    expect(await groupLag(log, 'g', 'a')).toBe((ends[0] ?? 0) - 2 + (ends[1] ?? 0));
    expect(await groupLag(log, 'other', 'a')).toBe((ends[0] ?? 0) + (ends[1] ?? 0));
  });
});
