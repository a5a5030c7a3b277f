import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { startKafka } from '../scripts/kafka/start-kafka.ts';
import { KAFKA_VERSION } from '../scripts/kafka/versions.ts';
import { systemClock } from '../src/core/clock.ts';
import { forkedJob } from './support/forked-job.ts';
import type { Job, JobResult } from './support/job.ts';
import { EAGER_CLEANER } from './support/kafka-compaction.ts';
import { machine } from './support/measure.ts';

// What the other benchmarks measure on the embedded log, on that and on a broker in turn, each time
// in a process of its own. The broker runs on the same cores; its CPU is not counted, as peers are
// not charged with it either.

const RESULTS_FILE = join(import.meta.dirname, 'results', 'kafka.json');
const BOUND_MS = 240_000;

interface Options {
  readonly short: boolean;
  readonly rounds: string;
  readonly only?: string;
  readonly write: boolean;
}

const readOptions = (): Options =>
  new Command('npx tsx benchmarks/kafka.bench.ts')
    .description('Measures what tidecast costs on the embedded log and on Kafka, in turn.')
    .option('--short', 'small and quick: to see that all runs, not to compare figures', false)
    .option('--rounds <n>', 'how often both logs take their turn', '2')
    .addOption(
      new Option('--only <type>', 'one kind of measurement').choices([
        'loop',
        'latency',
        'restore',
      ]),
    )
    .addOption(
      new Option('--write', 'keep what is measured in benchmarks/results/kafka.json')
        .conflicts(['only', 'short'])
        .default(false),
    )
    .allowExcessArguments(false)
    .addHelpText('after', '\nExample:\n  npx tsx benchmarks/kafka.bench.ts --only latency\n')
    .parse()
    .opts<Options>();

type OnEither = Job & { readonly type: 'loop' | 'latency' | 'restore' };

const jobs = (isShort: boolean): readonly OnEither[] => {
  const [series, observations] = isShort ? [1_000, 40_000] : [10_000, 400_000];
  return [
    { type: 'loop', work: 'peer', series, observations },
    { type: 'loop', work: 'whole', series, observations },
    {
      ...{ type: 'latency', series: 1_000, backlog: isShort ? 20_000 : 100_000 },
      ...{ ratePerSecond: 5_000, measuredMs: isShort ? 4_000 : 15_000 },
    },
    { type: 'restore', series: isShort ? 5_000 : 50_000 },
    { type: 'restore', history: 'laid', series: isShort ? 50_000 : 1_000_000 },
  ];
};

/** One job on both logs. */
interface Pair {
  readonly job: OnEither;
  readonly embedded: JobResult;
  readonly kafka: JobResult;
}

const measure = async (job: OnEither): Promise<JobResult> => {
  const { result, failure } = await forkedJob(job, BOUND_MS);
  if (result === undefined) throw new Error(`${job.type}: ${failure ?? 'no result'}`);
  return result;
};

/** On a broker that has nothing else, which no other measurement follows. */
const measureOnKafka = async (job: OnEither): Promise<JobResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-bench-'));
  const kafka = await startKafka({
    ...{ brokers: 1, registry: false, folder, isLongLived: true },
    properties: EAGER_CLEANER,
  });
  try {
    return await measure({ ...job, brokers: kafka.brokers });
  } finally {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const inWords = (result: JobResult): string => {
  switch (result.type) {
    case 'loop': {
      const { work, cpuMicros, observationsPerSecond, rssMiB } = result;
      return `${work}: ${cpuMicros} µs, ${observationsPerSecond} a second, ${rssMiB} MiB`;
    }
    case 'latency': {
      const paces = result.paces.map(
        ({ ratePerSecond, p50Ms, p99Ms }) =>
          `${ratePerSecond}/s: p50 ${p50Ms ?? '-'} ms, p99 ${p99Ms ?? '-'} ms`,
      );
      return `latency: at most ${result.maxPerSecond}/s; ${paces.join('; ')}`;
    }
    case 'restore': {
      const { history, written, compacted } = result;
      const runs = Object.entries({ written, ...(compacted === undefined ? {} : { compacted }) });
      const each = runs.map(
        ([state, { slotsPerSecond, ms, changelogRecords }]) =>
          `${state}: ${slotsPerSecond} slots/s, ${changelogRecords} records in ${ms} ms`,
      );
      return `restore (${history}): ${each.join('; ')}`;
    }
    default:
      return result.type;
  }
};

const { short: isShort, rounds, only, write } = readOptions();
const pairs: Pair[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  for (const job of jobs(isShort)) {
    if (only !== undefined && only !== job.type) continue;
    const embedded = await measure(job);
    console.log(`embedded  ${inWords(embedded)}`);
    const kafka = await measureOnKafka(job);
    console.log(`Kafka     ${inWords(kafka)}`);
    pairs.push({ job, embedded, kafka });
  }
}
if (write) {
  const date = new Date(systemClock.now()).toISOString();
  const found = { date, machine: machine(), kafka: KAFKA_VERSION, pairs };
  await writeFile(RESULTS_FILE, `${JSON.stringify(found, null, 2)}\n`);
}
