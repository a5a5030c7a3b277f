import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openLog } from '../../src/cli/open-log.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { processClock } from '../../src/cli/process-clock.ts';
import { startApplication } from '../../src/cli/run/application.ts';
import type { Role } from '../../src/cli/run/roles.ts';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { quiescence } from '../../src/streams/quiescence.ts';
import { sourceEnds, type SourceEnd } from '../../src/streams/source-ends.ts';
import type { TaskStatus } from '../../src/streams/task-status.ts';
import { notedLogger } from './noted-logger.ts';
import { appendEvents } from './run-on-log.ts';
import { WithholdingLog } from './withholding-log.ts';

export interface WithheldRun {
  /** With a `tidecast.yaml` of one stream, whose data folder is named in full. */
  readonly folder: string;
  readonly roles: readonly Role[];
  /** The source of the stream. */
  readonly topic: string;
  /** Raw events by partition: all of them are there before the run begins. */
  readonly partitions: readonly (readonly string[])[];
}

/** How the run stood when it had read one more partition to its end. */
export interface Standing {
  /** The next offset in each partition of the source. */
  readonly positions: readonly number[];
  /** The furthest watermark of all forecasting tasks: -Infinity as long as nothing can close. */
  readonly watermark: number;
}

const LOOK_MS = 50;

const isEntry = ({ topology }: TaskStatus): boolean => topology === 'ingest';

const standingOf = (tasks: readonly TaskStatus[], ends: readonly SourceEnd[]): Standing => {
  const read = tasks.filter(isEntry).flatMap(({ positions }) => positions);
  const forecasting = tasks.filter(({ topology }) => topology === 'forecasting');
  return {
    positions: ends.map(({ topic, partition }) => {
      const own = read.find((one) => one.topic === topic && one.partition === partition);
      return own?.next ?? 0;
    }),
    watermark: Math.max(...forecasting.map(({ watermark }) => watermark)),
  };
};

/** Releases partition after partition, each once all that came of those before is processed. */
const runOn = async (
  { log, ...opened }: OpenedLog,
  {
    config,
    roles,
    ends,
  }: Pick<WithheldRun, 'roles'> & { config: Config; ends: readonly SourceEnd[] },
): Promise<readonly Standing[]> => {
  const withholding = new WithholdingLog(log, ends[0]?.topic ?? '');
  const standings: Standing[] = [];
  let isEnding = false;
  const running = await startApplication({
    ...{ config, roles, clock: processClock(config), logger: notedLogger() },
    opened: { ...opened, log: withholding },
    isEnding: () => isEnding,
  });
  const { tasks } = running;
  const isWorkedOff = (): boolean => tasks().every((task) => isEntry(task) || task.isDrained);
  const pause = async (): Promise<void> => {
    await wait(LOOK_MS);
    const standing = standingOf(tasks(), ends);
    const at = standings.length;
    const end = ends[at]?.end;
    if (end === undefined || (standing.positions[at] ?? 0) < end || !isWorkedOff()) return;
    standings.push(standing);
    withholding.release();
  };
  try {
    withholding.release();
    const broken = await quiescence({
      ...{ tasks, isEntry, ends, pause },
      endsNow: (topics) => sourceEnds(log, topics),
      taskCount: running.topologies.reduce((sum, { partitions }) => sum + partitions, 0),
      refuseOthers: async () => undefined,
      onRead: () => {
        isEnding = true;
      },
    });
    if (broken !== undefined) throw new Error(`${broken.topology} halted: ${broken.error ?? ''}`);
    return standings;
  } finally {
    await running.stop();
  }
};

/**
 * Runs a stream until it is idle, on a log that withholds each partition of its source until all of
 * those before it are read; returns how it stood in between.
 */
export const runWithheld = async (run: WithheldRun): Promise<readonly Standing[]> => {
  const config = loadConfig({ file: join(run.folder, 'tidecast.yaml'), env: {} });
  const opened = await openLog(config);
  try {
    const ends = await appendEvents(opened.log, run);
    return await runOn(opened, { config, roles: run.roles, ends });
  } finally {
    await opened.close();
  }
};
