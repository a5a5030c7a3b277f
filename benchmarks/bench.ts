import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { systemClock } from '../src/core/clock.ts';
import { table, type Figure } from './support/figure.ts';
import { fileWriteMicrosPerKib } from './support/file-write-cost.ts';
import { forkedJob, type JobRun } from './support/forked-job.ts';
import { machine, rounded } from './support/measure.ts';
import type { Measurement } from './support/measurement.ts';
import { MEASUREMENTS } from './support/measurements.ts';

/** Of the package: what runs is compiled, and lies in a folder of its own. */
const ROOT = join(import.meta.dirname, '..', '..');
const RESULTS_FILE = 'benchmarks/results/latest.json';

/** How long one job may take. */
const BOUND_MS = 240_000;
const SHORT_BOUND_MS = 60_000;
/** What took longer than this is not repeated: the best of several is for what is cheap. */
const REPEATED_SECONDS_MAX = 40;

interface Options {
  readonly short: boolean;
  readonly out?: string;
  readonly only?: string;
}

/** What came of one measurement. */
interface Measured {
  readonly name: string;
  readonly summary: string;
  readonly figures: readonly Figure[];
  readonly runs: readonly JobRun[];
}

const readOptions = (): Options => {
  const names = MEASUREMENTS.map(({ name }) => name);
  const command = new Command('npm run bench --')
    .description('Measures what tidecast costs, each measurement in a process of its own.')
    .option('--short', 'small and quick: to see that all runs, not to compare figures', false)
    .option('--out <file>', `where figures go as JSON (when all is measured: ${RESULTS_FILE})`)
    .addOption(new Option('--only <name>', 'one measurement').choices(names))
    .allowExcessArguments(false)
    .addHelpText('after', '\nExample:\n  npm run bench -- --short --only ingest\n');
  return command.parse().opts<Options>();
};

const git = (...args: readonly string[]): string | undefined => {
  try {
    return execFileSync('git', [...args], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    // No checkout, or no git: the figures are of some commit that nobody can name.
    return undefined;
  }
};

/** What was measured. */
const commitOf = (): Readonly<Record<string, unknown>> => ({
  commit: git('rev-parse', 'HEAD'),
  hasUncommittedChanges: git('status', '--porcelain', '--', 'src', 'benchmarks') !== '',
});

const measure = async (measurement: Measurement, isShort: boolean): Promise<Measured> => {
  const { name, summary, jobs, figures } = measurement;
  const runs: JobRun[] = [];
  const slow = new Set<string>();
  for (const job of jobs(isShort)) {
    const key = JSON.stringify(job);
    if (slow.has(key)) continue;
    const run = await forkedJob(job, isShort ? SHORT_BOUND_MS : BOUND_MS);
    runs.push(run);
    if (run.seconds > REPEATED_SECONDS_MAX) slow.add(key);
    console.error(`${name}: ${key} ${run.failure ?? 'done'} (${run.seconds} s)`);
  }
  const results = runs.flatMap(({ result }) => result ?? []);
  return { name, summary, figures: figures(results), runs };
};

const print = ({ name, summary, figures, runs }: Measured): void => {
  console.log(`\n${name}: ${summary}`);
  if (figures.length > 0) console.log(table(figures));
  for (const { job, failure } of runs) {
    if (failure !== undefined) console.log(`failed: ${JSON.stringify(job)} ${failure}`);
  }
};

const write = (file: string, content: unknown): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  console.log(`\nwritten to ${file}`);
};

const main = async (): Promise<void> => {
  const { short: isShort, only, out } = readOptions();
  const begunMs = systemClock.monotonic();
  const head = {
    date: new Date(systemClock.now()).toISOString(),
    isShort,
    machine: { ...machine(), fileWriteMicrosPerKib: fileWriteMicrosPerKib() },
    ...commitOf(),
  };
  const measured: Measured[] = [];
  for (const measurement of MEASUREMENTS) {
    if (only !== undefined && measurement.name !== only) continue;
    measured.push(await measure(measurement, isShort));
  }
  const seconds = rounded((systemClock.monotonic() - begunMs) / 1_000, 1);
  console.log(JSON.stringify(head));
  for (const one of measured) print(one);
  console.log(`\n${seconds} s`);
  const isAll = !isShort && only === undefined;
  const file = out ?? (isAll ? join(ROOT, RESULTS_FILE) : undefined);
  if (file !== undefined) write(file, { ...head, seconds, measurements: measured });
  const hasFailed = measured.some(({ runs }) => runs.some(({ failure }) => failure !== undefined));
  process.exitCode = hasFailed ? 1 : 0;
};

await main();
