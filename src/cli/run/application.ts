import { secretToken } from '../../core/random.ts';
import { pageFolders } from '../../dashboard/page-folders.ts';
import { folderArtifactStore } from '../../registry/folder/folder-artifact-store.ts';
import { openSerde } from '../../schemas/open-serde.ts';
import * as types from '../../schemas/value-types.ts';
import { levelStoreFolder, placeOfStores } from '../../state/level/level-store.ts';
import type { TaskStatus } from '../../streams/task-status.ts';
import type { Topology } from '../../streams/topology.ts';
import { startWorker, type Worker } from '../../streams/worker.ts';
import { taskLog, type TaskLog } from '../../telemetry/task-log.ts';
import { metrics, type Metrics } from '../../telemetry/metrics.ts';
import { decisionWindow } from '../../evaluation/thresholds.ts';
import { dataFolders } from '../data-folders.ts';
import { REFUSALS } from '../refusals.ts';
import { registerAll } from '../schemas/register-all.ts';
import { openOnnxRuntime } from '../../models/onnx/onnx-forecaster.ts';
import { version } from '../version.ts';
import { startApi, type Api } from './api.ts';
import type { ApplicationOptions } from './application-options.ts';
import { Closables } from './closables.ts';
import { openFactLog } from './fact-log.ts';
import { neededSchemas } from './needed-schemas.ts';
import { prepareTopics } from './prepare-topics.ts';
import { isTaskRole } from './roles.ts';
import { openStream, type OpenedStream } from './open-stream.ts';
import { streamParts, type StreamParts } from './stream-parts.ts';
import { taskLimits } from './task-limits.ts';

/** Everything that one process runs. */
export interface Application {
  readonly topologies: readonly Topology[];
  readonly tasks: () => readonly TaskStatus[];
  /** Base URL of the API; undefined without that role. */
  readonly address: string | undefined;
  /** Rejects when something that is not supervised cannot go on. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Threads that run models: results do not depend on how many there are. */
const ONNX_WORKERS = 1;

const metricsOf = (streams: readonly StreamParts[], topologies: readonly string[]): Metrics =>
  metrics({
    streams: streams.map(({ stream }) => ({
      name: stream.name,
      model: stream.model.name,
      accuracyWindow: decisionWindow(stream.monitoring.windows)?.text ?? '',
    })),
    topologies,
    refusals: REFUSALS,
  });

/** Where others find the API of this process; unknown beforehand where any free port will do. */
const addressOf = ({ config: { http }, roles }: ApplicationOptions): string =>
  roles.includes('api') && http.port > 0 ? `${http.host}:${http.port}` : '';

const startTasks = (
  options: ApplicationOptions,
  { streams, told }: { streams: readonly OpenedStream[]; told: TaskLog },
): Promise<Worker> => {
  const { config, opened, clock } = options;
  const { log, registry } = opened;
  return startWorker({
    context: {
      application: config.application,
      instance: secretToken(),
      address: addressOf(options),
      log,
      stores: levelStoreFolder(dataFolders(config).stores),
      clock,
      limits: taskLimits(config.limits),
      metrics: told.metrics,
      topicPrefix: config.kafka.topicPrefix,
      adopt: options.adopt ?? false,
    },
    topologies: streams.flatMap(({ topologies }) => topologies),
    schemas: {
      registry,
      openSerde,
      claim: types.claimType,
      commit: types.commitRecordType,
      block: types.stateBlockType,
      deadLetter: types.deadLetterType,
    },
    version: version(),
    onFailure: told.onFailure,
    onGroupFailure: told.onGroupFailure,
  });
};

/** What is open already. */
interface Opened {
  readonly measured: Metrics;
  readonly closables: Closables;
}

const openStreams = async (
  options: ApplicationOptions,
  all: readonly StreamParts[],
  { measured, closables }: Opened,
): Promise<readonly OpenedStream[]> => {
  const runtime = openOnnxRuntime({ workers: ONNX_WORKERS, streams: all.length });
  closables.add(() => runtime.close());
  const artifacts = folderArtifactStore(dataFolders(options.config).artifacts);
  const roles = options.roles.filter(isTaskRole);
  const streams: OpenedStream[] = [];
  for (const parts of all) {
    const stream = await openStream({ ...options, parts, measured, artifacts, runtime, roles });
    closables.add(() => stream.close());
    streams.push(stream);
  }
  return streams;
};

/** What says in the log how tasks fare and what they find; closed once they have stopped. */
const openLogs = async (
  { config, opened, clock, logger, roles }: ApplicationOptions,
  { streams, measured, closables }: Opened & { readonly streams: readonly OpenedStream[] },
): Promise<TaskLog> => {
  const topologies = streams.flatMap((stream) => stream.topologies);
  const { stateBudgetBytes } = config.limits;
  const told = taskLog({ metrics: measured.task, logger, clock, topologies, stateBudgetBytes });
  closables.add(async () => told.close());
  const facts = await openFactLog({
    ...{ opened, clock, logger },
    topicPrefix: config.kafka.topicPrefix,
    streams: config.streams.map(({ name }) => name),
    roles: roles.filter(isTaskRole),
  });
  closables.add(() => facts.close());
  return told;
};

/** Once for all tasks: their restore takes its time. */
const tellOfOtherStores = async ({ config, logger }: ApplicationOptions): Promise<void> => {
  const { stores } = dataFolders(config);
  const place = await placeOfStores(stores);
  if (place === stores) return;
  logger.warn(
    `another version of tidecast wrote ${stores}: this one rebuilds its stores beside them, in ` +
      `${place}, from the changelogs; delete the old ones when you will not go back`,
    { action: 'stores-beside' },
  );
};

/** Runs the roles of a configuration on an opened log until it is stopped. */
export const startApplication = async (options: ApplicationOptions): Promise<Application> => {
  const { config, roles } = options;
  const closables = new Closables();
  await tellOfOtherStores(options);
  try {
    const parts = config.streams.map((stream) => streamParts(config, stream));
    // First what is only looked at: a run that is refused leaves no topics behind.
    await registerAll(options.opened.registry, await neededSchemas(config));
    await prepareTopics(options, parts);
    const measured = metricsOf(parts, roles.filter(isTaskRole));
    closables.add(async () => measured.close());
    const streams = await openStreams(options, parts, { measured, closables });
    const told = await openLogs(options, { streams, measured, closables });
    const worker = await startTasks(options, { streams, told });
    closables.add(() => worker.stop());
    const api = roles.includes('api')
      ? await startApi({ ...options, parts, measured, worker, assets: pageFolders() })
      : undefined;
    if (api !== undefined) closables.add(() => api.close());
    return applicationOf({ streams, worker, api, closables });
  } catch (error) {
    await closables.close();
    throw error;
  }
};

const applicationOf = (running: {
  readonly streams: readonly OpenedStream[];
  readonly worker: Worker;
  readonly api: Api | undefined;
  readonly closables: Closables;
}): Application => {
  const { streams, worker, api, closables } = running;
  return {
    topologies: streams.flatMap(({ topologies }) => topologies),
    tasks: () => worker.tasks,
    address: api?.address,
    failed: Promise.race([
      worker.failed,
      ...streams.map((stream) => stream.failed),
      ...(api === undefined ? [] : [api.failed]),
    ]),
    stop: () => closables.close(),
  };
};
