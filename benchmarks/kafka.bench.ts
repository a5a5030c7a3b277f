import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../scripts/kafka/start-kafka.ts';
import { KAFKA_VERSION } from '../scripts/kafka/versions.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Work } from './support/loop.ts';
import { machine } from './support/measure.ts';
import { wholeLoopBench, type WholeLoopResult } from './whole-loop.bench.ts';

// The same work as in whole-loop.bench.ts on a broker of its own, which runs on the same cores; its
// CPU is not counted, as peers are not charged with it either.

const RESULTS_FILE = join(import.meta.dirname, 'results', 'kafka.json');

const measure = async (
  work: Work,
  shape: { readonly series: number; readonly observations: number },
): Promise<WholeLoopResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-bench-'));
  const kafka = await startKafka({ brokers: 1, registry: false, folder, isLongLived: true });
  try {
    return await wholeLoopBench({ work, ...shape, brokers: kafka.brokers });
  } finally {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: '10000' },
    observations: { type: 'string', default: '400000' },
    write: { type: 'boolean', default: false },
  },
});
const shape = { series: Number(values.series), observations: Number(values.observations) };
const results: WholeLoopResult[] = [];
for (const work of ['peer', 'whole'] as const) results.push(await measure(work, shape));
console.table(
  results.map(({ work, series, cpuMicros, observationsPerSecond, rssMiB }) => ({
    ...{ work, series, cpuMicros, observationsPerSecond, rssMiB },
  })),
);
if (values.write) {
  const date = new Date(systemClock.now()).toISOString();
  const found = { date, machine: machine(), kafka: KAFKA_VERSION, results };
  await writeFile(RESULTS_FILE, `${JSON.stringify(found, null, 2)}\n`);
}
