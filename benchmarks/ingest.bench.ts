import type { Worker } from '../src/streams/worker.ts';
import { seededRandom } from '../src/core/random.ts';
import type { OutgoingRecord } from '../src/log/log.ts';
import { appendAll, HOUR_MS, openBenchStream, type BenchStream } from './support/bench-stream.ts';
import { perSecond, rounded } from './support/measure.ts';
import { runnable, startTasks } from './support/running-stream.ts';
import { Span, type SpanCost } from './support/span.ts';

// What one raw event costs from the log to an observation on the log: JSON without a key, as
// flights come, mapped, keyed by series and followed by watermarks.

const TOPIC = 'raw';
const PARTITIONS = 4;
const SERIES = 229;
const EVENTS_PER_HOUR = 700;
/** What a producer of 16 kB batches puts on one partition before it turns to the next. */
const EVENTS_PER_BLOCK = 160;
const START_MS = Date.UTC(2001, 0, 1);
/** Of all events, those before the measured span: the code is compiled by then. */
const WARM_SHARE = 0.2;

export interface IngestOptions {
  readonly events: number;
}

export interface IngestResult {
  /** Events that were measured. */
  readonly events: number;
  readonly cpuMicros: number;
  readonly eventsPerSecond: number;
  readonly bytesWritten: number;
}

const YAML = `
application: bench
kafka: { partitions: ${PARTITIONS} }
streams:
  s:
    source: { topic: ${TOPIC}, format: json, series: origin, time: date }
    frequency: 1h
    aggregate: count
    grace: 10m
`;

const originOf = (index: number): string =>
  [index / 676, index / 26, index]
    .map((digit) => String.fromCharCode(65 + (Math.floor(digit) % 26)))
    .join('');

/** Events in the order in which they happened; a few airports have most of them. */
function* flights(count: number): Generator<OutgoingRecord> {
  const random = seededRandom('flights');
  for (let index = 0; index < count; index += 1) {
    const at = START_MS + Math.floor(((index / EVENTS_PER_HOUR) * HOUR_MS) / 60_000) * 60_000;
    const date = new Date(at).toISOString().slice(0, 19);
    const origin = originOf(Math.floor(SERIES * random.next() ** 3));
    yield {
      topic: TOPIC,
      partition: Math.floor(index / EVENTS_PER_BLOCK) % PARTITIONS,
      key: null,
      value: Buffer.from(JSON.stringify({ date, origin })),
    };
  }
}

const ingestAll = async (bench: BenchStream, events: number): Promise<SpanCost> => {
  const stream = runnable(bench, ['ingest']);
  const span = new Span({ bench, entry: 'ingest' });
  const worker: Worker = await startTasks(bench, {
    topologies: stream.topologies,
    onCommit: (commit) => {
      span.note(commit, worker.tasks);
    },
  });
  await span.read(events * WARM_SHARE);
  span.begin();
  await span.drained(events);
  const cost = span.end();
  await worker.stop();
  await stream.close();
  return cost;
};

const observationsOf = async ({ log, parts }: BenchStream): Promise<number> => {
  let count = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const { stableEnd } = await log.offsets(parts.topics.observations.name, partition);
    count += stableEnd;
  }
  return count;
};

/** Raw events that lie on the log already, through ingest. */
export const ingestBench = async ({ events }: IngestOptions): Promise<IngestResult> => {
  const bench = await openBenchStream(YAML);
  try {
    await appendAll(bench.log, 'flights', flights(events));
    const { records, cpuMicros, ms, bytesWritten } = await ingestAll(bench, events);
    // Watermarks are among them.
    const observations = await observationsOf(bench);
    if (observations < events) throw new Error(`${observations} observations of ${events} events`);
    return {
      events: records,
      cpuMicros: rounded(cpuMicros / records),
      eventsPerSecond: perSecond(records, ms),
      bytesWritten: Math.round(bytesWritten / records),
    };
  } finally {
    await bench.close();
  }
};

if (process.argv[1] === import.meta.filename) {
  const [events = '100000'] = process.argv.slice(2);
  console.table([await ingestBench({ events: Number(events) })]);
}
