import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { startKafka } from '../scripts/kafka/start-kafka.ts';
import { KAFKA_VERSION } from '../scripts/kafka/versions.ts';
import { systemClock } from '../src/core/clock.ts';
import { forkedJob } from './support/forked-job.ts';
import { inWords, ratioInWords } from './support/in-words.ts';
import type { JobResult } from './support/job.ts';
import { EAGER_CLEANER } from './support/kafka-compaction.ts';
import { KAFKA_TYPES, kafkaJobs, runsEmbedded, type KafkaJob } from './support/kafka-jobs.ts';
import { machine } from './support/measure.ts';

// What the other benchmarks measure on the embedded log, on that and on a broker in turn, each time
// in a process of its own; and what takes a broker: several workers, and one that takes over from
// another. The broker runs on the same cores; its CPU is not counted, as peers are not charged with
// it either.

const RESULTS_FILE = join(
  import.meta.dirname,
  ...['..', '..', 'benchmarks', 'results', 'kafka.json'],
);
const BOUND_MS = 240_000;

interface Options {
  readonly short: boolean;
  readonly rounds: string;
  readonly only?: string;
  readonly write: boolean;
}

const readOptions = (): Options =>
  new Command('npm run bench:kafka --')
    .description('Measures what tidecast costs on the embedded log and on Kafka, in turn.')
    .option('--short', 'small and quick: to see that all runs, not to compare figures', false)
    .option('--rounds <n>', 'how often both logs take their turn', '2')
    .addOption(new Option('--only <type>', 'one kind of measurement').choices(KAFKA_TYPES))
    .addOption(
      new Option('--write', 'keep what is measured in benchmarks/results/kafka.json')
        .conflicts(['only', 'short'])
        .default(false),
    )
    .allowExcessArguments(false)
    .addHelpText('after', '\nExample:\n  npm run bench:kafka -- --only latency\n')
    .parse()
    .opts<Options>();

/** One job on both logs, or on brokers alone. */
interface Pair {
  readonly job: KafkaJob;
  readonly embedded?: JobResult;
  readonly kafka: JobResult;
}

const measure = async (job: KafkaJob): Promise<JobResult> => {
  const { result, failure } = await forkedJob(job, BOUND_MS);
  if (result === undefined) throw new Error(`${job.type}: ${failure ?? 'no result'}`);
  return result;
};

/** On a broker that has nothing else, which no other measurement follows. */
const measureOnKafka = async (job: KafkaJob): Promise<JobResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-bench-'));
  const kafka = await startKafka({
    // Only what runs the product itself needs a registry: the others have one in their process.
    ...{ brokers: 1, registry: job.type === 'takeover', folder, isLongLived: true },
    properties: job.type === 'restore' ? EAGER_CLEANER : {},
  });
  try {
    const { brokers, registry } = kafka;
    return await measure({ ...job, brokers, ...(job.type === 'takeover' ? { registry } : {}) });
  } finally {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const { short: isShort, rounds, only, write } = readOptions();
const pairs: Pair[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  for (const job of kafkaJobs(isShort)) {
    if (only !== undefined && only !== job.type) continue;
    const embedded = runsEmbedded(job) ? await measure(job) : undefined;
    if (embedded !== undefined) console.log(`embedded  ${inWords(embedded)}`);
    const kafka = await measureOnKafka(job);
    console.log(`Kafka     ${inWords(kafka)}`);
    pairs.push({ job, ...(embedded === undefined ? {} : { embedded }), kafka });
  }
}
for (const line of ratioInWords(pairs.map(({ kafka }) => kafka))) console.log(line);
if (write) {
  const date = new Date(systemClock.now()).toISOString();
  const found = { date, machine: machine(), kafka: KAFKA_VERSION, pairs };
  await writeFile(RESULTS_FILE, `${JSON.stringify(found, null, 2)}\n`);
}
