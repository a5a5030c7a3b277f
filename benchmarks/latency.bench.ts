import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../src/core/clock.ts';
import type { OutgoingRecord, TransactionalProducer } from '../src/log/log.ts';
import { loopObservations, openLoop, startLoop, type Loop } from './support/loop.ts';
import { perSecond, rounded } from './support/measure.ts';
import { Sightings } from './support/sightings.ts';

// How long a forecast takes to be seen: from the moment at which its observation was due at the
// producer to a committed reader that tails the forecasts. Producer, tasks and reader share one
// process, and the tasks do all that the product does.

/** What producers are called by. */
const TICK_MS = 10;
const WARM_MS = 4_000;
/** How long what was measured may take to be seen at last. */
const SETTLE_MS = 5_000;
/** Below this the queue grows, and latency says how long the run was; a batch is 1 % of it. */
const STEADY_SHARE = 0.95;
const MAX_WARM_SHARE = 0.3;
const BACKLOG_MS_MAX = 120_000;

export interface LatencyOptions {
  readonly series: number;
  /** Observations that are appended at once, to see what rate is reached. */
  readonly backlog: number;
  readonly ratePerSecond: number;
  readonly measuredMs: number;
  /** Of a Kafka that nobody else uses; without, the log is the embedded one. */
  readonly brokers?: readonly string[];
}

/** What readers saw at one pace. */
export interface Pace {
  readonly ratePerSecond: number;
  readonly reachedPerSecond: number;
  /** false: the run fell behind its pace, and a latency would say how long it ran. */
  readonly isSteady: boolean;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly forecasts: number;
}

export interface LatencyResult {
  readonly series: number;
  readonly maxPerSecond: number;
  readonly paces: readonly Pace[];
}

/** Appends observations in order and knows when each of them was due. */
class Feed {
  appended = 0;
  readonly dueMs: number[] = [];
  private readonly producer: TransactionalProducer;
  private readonly source: Iterator<OutgoingRecord, undefined>;

  constructor(loop: Loop, producer: TransactionalProducer) {
    this.producer = producer;
    this.source = loopObservations(loop, { from: 0, periods: Number.MAX_SAFE_INTEGER });
  }

  /** `dueMs`: of each, by how many of this call came before it. */
  async append(count: number, dueMs: (index: number) => number): Promise<void> {
    const records: OutgoingRecord[] = [];
    for (let index = 0; index < count; index += 1) {
      const { value } = this.source.next();
      if (value === undefined) throw new Error('there are no more observations');
      records.push(value);
      this.dueMs.push(dueMs(index));
    }
    const transaction = await this.producer.begin();
    await transaction.send(records);
    await transaction.commit();
    this.appended += count;
  }

  /** Appends at a pace for some time: every few milliseconds all that is due. */
  async pace(ratePerSecond: number, ms: number): Promise<void> {
    const begunMs = systemClock.monotonic();
    const total = Math.floor((ratePerSecond * ms) / 1_000);
    const dueMs = (nth: number): number => begunMs + (nth * 1_000) / ratePerSecond;
    let sent = 0;
    while (sent < total) {
      const elapsedMs = systemClock.monotonic() - begunMs;
      const due = Math.min(total, Math.floor((elapsedMs * ratePerSecond) / 1_000));
      const first = sent;
      if (due > sent) await this.append(due - sent, (index) => dueMs(first + index));
      sent = due;
      await pause(TICK_MS);
    }
  }
}

const percentile = (sorted: Float64Array, share: number): number =>
  rounded(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN, 1);

/** Waits until so many forecasts were seen; false when that took too long. */
const seen = async (sightings: Sightings, count: number, msMax: number): Promise<boolean> => {
  const begunMs = systemClock.monotonic();
  while (sightings.count < count) {
    if (systemClock.monotonic() - begunMs > msMax) return false;
    await pause(TICK_MS);
  }
  return true;
};

/** What lags behind would be charged to what comes next. */
const catchUp = async (feed: Feed, sightings: Sightings): Promise<void> => {
  if (await seen(sightings, feed.appended, BACKLOG_MS_MAX)) return;
  throw new Error(`${sightings.count} of ${feed.appended} forecasts were seen`);
};

/** How many a second are seen when all are there at once, after a first part of them. */
const reachMax = async (feed: Feed, sightings: Sightings, backlog: number): Promise<number> => {
  const nowMs = systemClock.monotonic();
  await feed.append(backlog, () => nowMs);
  await catchUp(feed, sightings);
  return Math.round(sightings.rateAfter(Math.floor(backlog * MAX_WARM_SHARE)));
};

const measurePace = async (
  feed: Feed,
  sightings: Sightings,
  { ratePerSecond, measuredMs }: Pick<LatencyOptions, 'ratePerSecond' | 'measuredMs'>,
): Promise<Pace> => {
  await catchUp(feed, sightings);
  await feed.pace(ratePerSecond, WARM_MS);
  const first = feed.appended;
  const before = sightings.count;
  const begunMs = systemClock.monotonic();
  await feed.pace(ratePerSecond, measuredMs);
  const reachedPerSecond = perSecond(sightings.count - before, systemClock.monotonic() - begunMs);
  const forecasts = feed.appended - first;
  const isAllSeen = await seen(sightings, feed.appended, SETTLE_MS);
  const isSteady = isAllSeen && reachedPerSecond >= STEADY_SHARE * ratePerSecond;
  const sorted = Float64Array.from(
    { length: isSteady ? forecasts : 0 },
    (_, index) => sightings.of(first + index) - (feed.dueMs[first + index] ?? NaN),
  ).sort();
  return {
    ...{ ratePerSecond, reachedPerSecond, isSteady, forecasts },
    p50Ms: isSteady ? percentile(sorted, 0.5) : null,
    p99Ms: isSteady ? percentile(sorted, 0.99) : null,
  };
};

/** Latencies at a given pace, and at half of what the machine can do. */
export const latencyBench = async (options: LatencyOptions): Promise<LatencyResult> => {
  const { series, backlog, ratePerSecond, measuredMs, brokers } = options;
  const loop = await openLoop({
    ...{ work: 'own', series },
    ...(brokers === undefined ? {} : { brokers }),
  });
  const { bench } = loop;
  try {
    const running = await startLoop(loop);
    const sightings = new Sightings(loop);
    const feed = new Feed(loop, await bench.log.producer('feed'));
    const maxPerSecond = await reachMax(feed, sightings, backlog);
    const half = Math.floor(maxPerSecond / 2);
    const paces: Pace[] = [];
    for (const rate of [ratePerSecond, half]) {
      paces.push(await measurePace(feed, sightings, { ratePerSecond: rate, measuredMs }));
    }
    await sightings.close();
    await running.stop();
    return { series, maxPerSecond, paces };
  } finally {
    await bench.close();
  }
};

if (process.argv[1] === import.meta.filename) {
  const [series = '1000', backlog = '20000', rate = '5000', measuredMs = '4000'] =
    process.argv.slice(2);
  const result = await latencyBench({
    series: Number(series),
    backlog: Number(backlog),
    ratePerSecond: Number(rate),
    measuredMs: Number(measuredMs),
  });
  console.log(`max ${result.maxPerSecond}/s`);
  console.table(result.paces);
}
