import type { Config } from '../../config/config.ts';
import type { StreamConfig } from '../../config/stream-config.ts';
import { aborted, abortedBy } from '../../core/aborted-by.ts';
import { assert } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import { DAY_MS } from '../../core/duration.ts';
import { FLIGHTS } from '../../ingestion/flights.ts';
import type { Log } from '../../log/log.ts';
import { groupOf } from '../../streams/changelog.ts';
import type { Io } from '../io.ts';
import { isoTime, printLine } from '../print.ts';
import { progress } from '../progress.ts';
import { demoConfig, LIVE_FROM_MS, type DemoOptions } from './config.ts';
import { claimDemoData, demoStartMs, removeDemoData, writeDemoFile } from './demo-data.ts';
import { demoClock, type DemoClock } from './demo-clock.ts';
import { feedFlights, type Fed } from './feed.ts';
import { groupLag } from './group-lag.ts';

/** The application, running on the demo's configuration. */
export interface RunningDemo {
  /** The log that it owns. */
  readonly log: Log;
  /** Where a browser finds it. */
  readonly address: string;
  /** Resolves when it has stopped, rejects when it has failed. */
  readonly stopped: Promise<void>;
  /** Stops in order. */
  stop(): Promise<void>;
}

/** Starts all roles; the clock is the one of the log and of everything else. */
export type StartDemo = (config: Config, clock: Clock) => Promise<RunningDemo>;

const HISTORY_DAYS = Math.round((LIVE_FROM_MS - FLIGHTS.fromMs) / DAY_MS);

const daysAt = (eventTimeMs: number): number => Math.floor((eventTimeMs - FLIGHTS.fromMs) / DAY_MS);

/** The one stream of the demo. */
const streamOf = ({ streams }: Config): StreamConfig => {
  const [stream] = streams;
  assert(stream !== undefined, 'the demo has a stream');
  return stream;
};

interface Feeding {
  readonly io: Io;
  readonly config: Config;
  readonly clock: DemoClock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Shows how the history comes in, and says when the present begins. */
const feed = ({ io, config, clock, log, signal }: Feeding): Promise<Fed> => {
  const { application, kafka } = config;
  const { name, source } = streamOf(config);
  const { topic } = source;
  const group = groupOf({ application, stream: name, topology: 'ingest' });
  let shown: ReturnType<typeof progress> | undefined;
  return feedFlights({
    log,
    clock,
    application,
    topic,
    partitions: kafka.partitions,
    lag: () => groupLag(log, group, topic),
    signal,
    onHistory: (eventTimeMs) => {
      shown ??= progress(io, { label: 'days of flights', total: HISTORY_DAYS });
      shown.update(daysAt(eventTimeMs));
    },
    onLive: () => {
      shown?.end(HISTORY_DAYS);
      const speed = `${config.clock.speed} seconds pass in one`;
      void printLine(io.err, `It is ${isoTime(clock.now())} in the demo, and ${speed}.`);
    },
  });
};

/** Feeds until it is stopped; when the flights end, the application goes on with what it has. */
const feedThenWait = async (feeding: Feeding, stopped: Promise<void>): Promise<void> => {
  const { appended, isOver } = await feed(feeding);
  if (!isOver) return;
  await printLine(
    feeding.io.err,
    `All ${appended} flights have departed: the data end on ${isoTime(FLIGHTS.toMs)}. Stop the ` +
      'demo with Ctrl-C, or begin again with --fresh.',
  );
  await stopped;
};

/** Runs the whole product on real flights, from where it was when it was stopped. */
export const runDemo = async (io: Io, options: DemoOptions, start: StartDemo): Promise<void> => {
  const config = demoConfig(io, options);
  if (options.fresh === true) await removeDemoData(config);
  await claimDemoData(config);
  const file = await writeDemoFile(config, options);
  const { application } = config;
  const { topic } = streamOf(config).source;
  const startMs = await demoStartMs(config, { application, topic });
  const clock = demoClock({ startMs, speed: config.clock.speed });
  const demo = await start(config, clock);
  await printLine(io.err, `The dashboard is at ${demo.address}; stop with Ctrl-C.`);
  await printLine(io.err, `Look into it from elsewhere: tidecast topics list -c ${file}`);
  const ended = abortedBy(io.signal);
  const { signal } = ended;
  const end = Promise.race([demo.stopped, aborted(io.signal)]).finally(() => ended.abort());
  const fed = feedThenWait({ io, config, clock, log: demo.log, signal }, end);
  try {
    await Promise.all([end, fed]);
  } finally {
    ended.abort();
    // Its last transaction, before the log goes away below it.
    await Promise.allSettled([fed]);
    await demo.stop();
  }
};
