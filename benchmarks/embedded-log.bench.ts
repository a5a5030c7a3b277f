import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/core/clock.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../src/log/embedded/embedded-log.ts';
import type { LogReader, OutgoingRecord } from '../src/log/log.ts';
import { FIRST_OFFSET } from '../src/log/offset.ts';

const TOPICS = ['observations', 'forecasts', 'changelog'];
const PARTITIONS = 4;
const RECORDS = 4_000;

/** What one phase cost, in CPU of the whole process (threads of the pool included). */
export interface EmbeddedLogResult {
  readonly phase: string;
  readonly valueBytes: number;
  readonly records: number;
  readonly cpuMicrosPerRecord: number;
  readonly cpuMicrosPerKilobyte: number;
  readonly recordsPerSecond: number;
}

interface Work {
  readonly phase: string;
  readonly valueBytes: number;
  readonly run: () => Promise<number>;
}

const measured = async ({ phase, valueBytes, run }: Work): Promise<EmbeddedLogResult> => {
  const startedMs = systemClock.monotonic();
  const before = process.cpuUsage();
  const records = await run();
  const { user, system } = process.cpuUsage(before);
  const cpuMicros = user + system;
  return {
    phase,
    valueBytes,
    records,
    cpuMicrosPerRecord: cpuMicros / records,
    cpuMicrosPerKilobyte: (cpuMicros * 1_000) / (records * valueBytes),
    recordsPerSecond: (records * 1_000) / (systemClock.monotonic() - startedMs),
  };
};

interface AppendWork {
  readonly valueBytes: number;
  readonly transactions: number;
  readonly after?: () => Promise<number>;
}

const transactionOf = (valueBytes: number): readonly OutgoingRecord[] =>
  Array.from({ length: RECORDS }, (_, index) => ({
    topic: TOPICS[index % TOPICS.length] ?? '',
    partition: Math.floor(index / TOPICS.length) % PARTITIONS,
    key: Buffer.from(`series-${index % 1_000}`),
    value: Buffer.alloc(valueBytes, index % 251),
  }));

const append = async (
  log: EmbeddedLog,
  { valueBytes, transactions, after = async () => 0 }: AppendWork,
): Promise<number> => {
  const records = transactionOf(valueBytes);
  const producer = await log.producer('bench');
  for (let done = 0; done < transactions; done += 1) {
    const transaction = await producer.begin();
    await transaction.send(records);
    await transaction.commit();
    await after();
  }
  return transactions * records.length;
};

const readersOf = (log: EmbeddedLog): readonly LogReader[] =>
  TOPICS.flatMap((topic) =>
    Array.from({ length: PARTITIONS }, (_, partition) =>
      log.reader(topic, partition, FIRST_OFFSET),
    ),
  );

/** Reads everything there is; returns how many records that were. */
const drain = async (readers: readonly LogReader[]): Promise<number> => {
  let count = 0;
  for (const reader of readers) {
    for (;;) {
      const { records } = await reader.poll({ maxRecords: RECORDS, maxBytes: 4 << 20 });
      if (records.length === 0) break;
      count += records.length;
    }
  }
  return count;
};

/** Appends 4,000 records a transaction over 12 partitions; reads them from files, then tailing. */
export const embeddedLogBench = async (
  valueBytes: number,
  transactions: number,
): Promise<readonly EmbeddedLogResult[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-bench-'));
  const results: EmbeddedLogResult[] = [];
  try {
    const log = await openEmbeddedLog({ folder, clock: systemClock });
    await log.ensureTopics(
      TOPICS.map((name) => ({ name, partitions: PARTITIONS, cleanup: 'keep' as const })),
    );
    const tailing = readersOf(log);
    const phases: Work[] = [
      { phase: 'append', valueBytes, run: () => append(log, { valueBytes, transactions }) },
      { phase: 'read from files', valueBytes, run: () => drain(tailing) },
      {
        phase: 'append and tail',
        valueBytes,
        run: () => append(log, { valueBytes, transactions, after: () => drain(tailing) }),
      },
    ];
    for (const phase of phases) results.push(await measured(phase));
    await log.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return results;
};

if (process.argv[1] === import.meta.filename) {
  for (const [valueBytes, transactions] of [
    [1_000, 100],
    [100, 300],
  ] as const) {
    console.table(await embeddedLogBench(valueBytes, transactions));
  }
}
