import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { processClock } from '../../src/cli/process-clock.ts';
import { startApplication } from '../../src/cli/run/application.ts';
import type { Role } from '../../src/cli/run/roles.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Log } from '../../src/log/log.ts';
import { quiescence } from '../../src/streams/quiescence.ts';
import { sourceEnds, type SourceEnd } from '../../src/streams/source-ends.ts';
import { notedLogger } from './noted-logger.ts';

export interface RunOnLog {
  /** With a `tidecast.yaml` of one stream, whose data folder is named in full. */
  readonly folder: string;
  readonly opened: OpenedLog;
  readonly roles: readonly Role[];
  /** The source of the stream. */
  readonly topic: string;
  /** Raw events by partition: all of them are there before the run begins. */
  readonly partitions: readonly (readonly string[])[];
}

const RECORDS_PER_TRANSACTION = 5_000;
const LOOK_MS = 250;

/** Appends all events and returns where each partition ends. */
export const appendEvents = async (
  log: Log,
  { topic, partitions }: Pick<RunOnLog, 'topic' | 'partitions'>,
): Promise<readonly SourceEnd[]> => {
  await log.ensureTopics([{ name: topic, partitions: partitions.length, cleanup: 'delete' }]);
  const producer = await log.producer('events');
  const ends: SourceEnd[] = [];
  for (const [partition, events] of partitions.entries()) {
    const records = events.map((event) => ({
      ...{ topic, partition, key: null },
      value: Buffer.from(event),
    }));
    for (let from = 0; from < records.length; from += RECORDS_PER_TRANSACTION) {
      const transaction = await producer.begin();
      await transaction.send(records.slice(from, from + RECORDS_PER_TRANSACTION));
      await transaction.commit();
    }
    const { end } = await log.offsets(topic, partition);
    ends.push({ topic, partition, end });
  }
  await producer.close();
  return ends;
};

/** Runs a stream over all events of its source until it is idle. */
export const runOnLog = async (run: RunOnLog): Promise<void> => {
  const { folder, opened, roles } = run;
  const config = loadConfig({ file: join(folder, 'tidecast.yaml'), env: {} });
  const ends = await appendEvents(opened.log, run);
  let isEnding = false;
  const running = await startApplication({
    ...{ config, roles, opened, clock: processClock(config), logger: notedLogger() },
    isEnding: () => isEnding,
  });
  try {
    const broken = await quiescence({
      tasks: running.tasks,
      isEntry: ({ topology }) => topology === 'ingest',
      ends,
      endsNow: (topics) => sourceEnds(opened.log, topics),
      pause: () => wait(LOOK_MS),
      taskCount: running.topologies.reduce((sum, { partitions }) => sum + partitions, 0),
      refuseOthers: async () => undefined,
      onRead: () => {
        isEnding = true;
      },
    });
    if (broken !== undefined) throw new Error(`${broken.topology} halted: ${broken.error ?? ''}`);
  } finally {
    await running.stop();
  }
};
