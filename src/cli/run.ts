import { Command } from 'commander';
import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { aborted } from '../core/aborted-by.ts';
import type { Clock } from '../core/clock.ts';
import { quiescence } from '../streams/quiescence.ts';
import { sourceEnds, type SourceEnd } from '../streams/source-ends.ts';
import { LogError } from '../log/errors.ts';
import type { GroupMemberState, Log } from '../log/log.ts';
import type { TaskStatus } from '../streams/task-status.ts';
import type { LogFields, Logger } from '../telemetry/logger.ts';
import {
  configOf,
  fileOf,
  notInEffectLine,
  withConfig,
  withExamples,
  type ConfigOptions,
} from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import type { OpenedLog, OpenLogOptions } from './opened-log.ts';
import { maintenanceFailures } from './maintenance-failures.ts';
import { printLine } from './print.ts';
import { processClock } from './process-clock.ts';
import { processLogger } from './process-logger.ts';
import type { Application } from './run/application.ts';
import { KNOWN_ROLES, parseRoles, ROLES, type Role } from './run/roles.ts';

interface RunOptions extends ConfigOptions {
  readonly roles?: readonly Role[];
  readonly untilIdle?: boolean;
  readonly adopt?: boolean;
  readonly registerSchemas?: boolean;
}

/** Between two looks at whether a run is done; some idle polls long. */
const LOOK_MS = 250;

const isOf = (
  end: SourceEnd,
  { topic, partition }: Pick<SourceEnd, 'topic' | 'partition'>,
): boolean => end.topic === topic && end.partition === partition;

const isEntryOf =
  (config: Config) =>
  ({ stream, topology }: TaskStatus): boolean => {
    const keyed = config.streams.find(({ name }) => name === stream)?.source.keyed === true;
    return topology === (keyed ? 'forecasting' : 'ingest');
  };

interface Ending {
  readonly running: Application;
  readonly log: Log;
  readonly ends: readonly SourceEnd[];
  readonly onRead: () => void;
}

/** What they read and write is not seen from here, so neither is the end of it. */
const refuseOthers = (others: readonly GroupMemberState[]): void => {
  if (others.length === 0) return;
  const names = others.map(({ host, address }) => address || host || 'this process');
  throw new CliError(
    'STILL_RUNNING',
    `other workers have some of the tasks (${names.join(', ')}), so that it cannot be seen here ` +
      'when everything is processed: stop them, or run without --until-idle',
  );
};

const untilIdle = async (
  io: Io,
  config: Config,
  { running, log, ends, onRead }: Ending,
): Promise<void> => {
  const broken = await quiescence({
    tasks: running.tasks,
    taskCount: running.topologies.reduce((sum, { partitions }) => sum + partitions, 0),
    refuseOthers: async () => refuseOthers(await running.others()),
    isEntry: isEntryOf(config),
    ends,
    endsNow: (topics) => sourceEnds(log, topics),
    onRead,
    pause: () => wait(LOOK_MS, undefined, { signal: io.signal }),
  });
  if (broken === undefined) return;
  const { stream, topology, partition, error } = broken;
  throw new CliError('UNHEALTHY', `${stream}.${topology}.${partition} halted: ${error ?? ''}`);
};

const startLabels = (
  { data, log, streams }: Config,
  roles: readonly Role[],
  { address, tasks }: Application,
): NonNullable<LogFields['labels']> => ({
  roles: roles.join(','),
  streams: streams.map(({ name }) => name).join(','),
  tasks: tasks().length,
  ...{ log, data },
  ...(address === undefined ? {} : { address }),
});

const warnOfKeys = ({ notInEffect }: Config, logger: Logger): void => {
  for (const key of notInEffect) {
    logger.warn(notInEffectLine(key), { action: 'key-not-in-effect' });
  }
};

/** What a run begins with. */
interface Running {
  readonly config: Config;
  readonly opened: OpenedLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs on an opened log until it is told to stop or, with `--until-idle`, has nothing to do. */
const runOn = async (
  io: Io,
  { config, opened, clock, logger }: Running,
  { roles = ROLES, untilIdle: ends = false, adopt }: RunOptions,
): Promise<void> => {
  // Half a second of modules: only those who run pay for it.
  const { startApplication } = await import('./run/application.ts');
  let isEnding = false;
  const names = [...new Set(config.streams.map(({ source }) => source.topic))];
  const sources = await sourceEnds(opened.log, names);
  warnOfKeys(config, logger);
  const running = await startApplication({
    config,
    opened,
    clock,
    roles,
    logger,
    adopt,
    isEnding: () => isEnding,
    isRead: ({ topic, partition, next }) =>
      ends && sources.every((one) => !isOf(one, { topic, partition }) || next >= one.end),
  });
  const labels = startLabels(config, roles, running);
  const where = running.address === undefined ? '' : ` on ${running.address}`;
  logger.info(`started ${running.tasks().length} tasks${where}`, { action: 'started', labels });
  try {
    if (running.address !== undefined) await printLine(io.err, `tidecast is on ${running.address}`);
    const onRead = (): void => {
      isEnding = true;
    };
    const work = ends
      ? untilIdle(io, config, { running, log: opened.log, ends: sources, onRead })
      : aborted(io.signal);
    await Promise.race([work, running.failed]);
    logger.info(io.signal.aborted ? 'asked to stop' : 'everything is processed', {
      action: 'stopping',
    });
  } catch (error) {
    if (!io.signal.aborted) throw error;
    // Whoever waits for the end must not take this for it.
    if (ends) throw stoppedEarly();
  } finally {
    await running.stop().catch((error: unknown) => {
      if (!io.signal.aborted || !isUnreachable(error)) throw error;
      // What is committed is on the log; the next start goes on from there.
      logger.warn('the log cannot be reached any more', { action: 'stopping', error });
    });
    logger.info('stopped', { action: 'stopped' });
  }
};

const stoppedEarly = (): CliError =>
  new CliError('INTERRUPTED', 'stopped before everything was processed: run it again');

/** Undefined: asked to stop while it was still being opened, which is no failure of a run. */
const openUnlessStopped = async (
  io: Io,
  config: Config,
  options: OpenLogOptions,
): Promise<OpenedLog | undefined> => {
  try {
    return await io.openLog(config, options);
  } catch (error) {
    if (io.signal.aborted && error instanceof CliError && error.code === 'INTERRUPTED') {
      return undefined;
    }
    throw error;
  }
};

const isUnreachable = (error: unknown): boolean =>
  error instanceof LogError && error.code === 'LOG_UNREACHABLE';

const run = async (io: Io, options: RunOptions): Promise<void> => {
  const config = configOf(io, options);
  if (config.streams.length === 0) {
    throw new CliError('USAGE', `there is nothing to run: add a stream to ${fileOf(config)}`);
  }
  const clock = processClock(config);
  const logger = processLogger(io, config);
  const opened = await openUnlessStopped(io, config, {
    clock,
    onMaintenanceFailure: maintenanceFailures(logger),
    registersSchemas: options.registerSchemas ?? false,
  });
  if (opened === undefined && options.untilIdle !== true) return;
  if (opened === undefined) throw stoppedEarly();
  try {
    if (opened.isRemote) {
      throw new LogError(
        'LOG_LOCKED',
        `${config.data} is open in process ${opened.ownerPid}; stop it first, or use another ` +
          'data folder',
      );
    }
    await opened.share();
    await runOn(io, { config, opened, clock, logger }, options);
  } finally {
    await opened.close();
  }
};

/** `tidecast run`. */
export const runCommand = (io: Io): Command => {
  const command = new Command('run')
    .description('run the streams of a configuration: read, forecast, score, watch and retrain')
    .option(
      '--roles <names>',
      `only these, separated by commas: ${KNOWN_ROLES.join(', ')}; \`api\` has the probes too`,
      parseRoles,
    )
    .option(
      '--until-idle',
      'end once everything that the sources hold now has been processed; the last period stays ' +
        'open, since only later events say that it is over; refused where other workers have ' +
        'some of the tasks',
    )
    .option('--adopt', 'process everything again beside what an application of another name wrote')
    .option(
      '--register-schemas',
      'add to the registry of Kafka what it lacks; without, a run begins only when ' +
        '`tidecast schemas register` has done so',
    )
    .action((options: RunOptions) => run(io, options));
  return withExamples(
    withConfig(command),
    'tidecast run',
    'tidecast run --config tidecast.yaml --roles ingest,forecasting,probes',
    'tidecast run --until-idle',
  );
};
