import { createHash } from 'node:crypto';
import { systemClock } from '../../src/core/clock.ts';
import { dataFolders } from '../../src/cli/data-folders.ts';
import { onnxModelShelf } from '../../src/cli/run/onnx-model-shelf.ts';
import { streamTopologies, type TaskRole } from '../../src/cli/run/stream-topologies.ts';
import { taskLimits } from '../../src/cli/run/task-limits.ts';
import { openOnnxRuntime } from '../../src/models/onnx/onnx-forecaster.ts';
import { folderArtifactStore } from '../../src/registry/folder/folder-artifact-store.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import * as types from '../../src/schemas/value-types.ts';
import { levelStoreFolder } from '../../src/state/level/level-store.ts';
import type { Commit } from '../../src/streams/commit.ts';
import { noForecastMetrics, noMetrics, type TaskMetrics } from '../../src/streams/metrics.ts';
import type { Topology } from '../../src/streams/topology.ts';
import { startWorker, type Worker } from '../../src/streams/worker.ts';
import {
  appendAll,
  arbitraryModel,
  HOUR_MS,
  START_PERIOD,
  type BenchStream,
} from './bench-stream.ts';

/** The topologies of a stream, ready to be run by `startTasks`. */
export interface RunnableStream {
  readonly topologies: readonly Topology[];
  close(): Promise<void>;
}

const nothing = async (): Promise<never> => {
  throw new Error('nothing is trained in a benchmark');
};

/** Puts a linear model where tasks of this folder get it from; returns its hash. */
export const shelveModel = async ({ config, parts }: BenchStream): Promise<string> => {
  const artifact = arbitraryModel(parts.features);
  const sha256 = createHash('sha256').update(artifact).digest('hex');
  await folderArtifactStore(dataFolders(config).artifacts).put(sha256, artifact);
  return sha256;
};

/** Crowns a linear model from the first period on. */
export const crownModel = async (bench: BenchStream): Promise<void> => {
  const { parts, serdes, log } = bench;
  const sha256 = await shelveModel(bench);
  const value = serdes.modelEvent.encode({
    type: 'ModelPromoted',
    stream: parts.stream.name,
    model: parts.stream.model.name,
    version: '1',
    sha256,
    actor: 'benchmark',
    reason: 'benchmark',
    requestId: '1',
    gate: '{}',
    decidedAt: START_PERIOD * HOUR_MS,
    previous: '',
    effectiveFrom: 0,
  });
  const { name: topic } = parts.topics.models;
  await appendAll(log, 'models', [{ topic, partition: 0, key: Buffer.from('model'), value }]);
};

/** Opens what the topologies of a stream need, a model on a worker thread among it. */
export const runnable = (bench: BenchStream, roles: readonly TaskRole[]): RunnableStream => {
  const { config, parts, serdes } = bench;
  const runtime = openOnnxRuntime({ workers: 1 });
  const artifacts = folderArtifactStore(dataFolders(config).artifacts);
  const shelf = onnxModelShelf({ artifacts, runtime, featureSchema: parts.features });
  const topologies = streamTopologies(
    {
      config,
      parts,
      serdes,
      rawPartitions: config.kafka.partitions,
      clock: systemClock,
      metrics: noForecastMetrics,
      shelf,
      onRefused: (_model, error) => {
        throw error;
      },
      onMisfit: (_model, error) => {
        throw error;
      },
      isAhead: () => false,
      awakenings: () => 0,
      isEnding: () => false,
      positions: nothing,
      trainer: {
        history: nothing,
        trainer: { name: 'none', train: nothing },
        artifacts,
        open: nothing,
        seal: (candidate) => candidate,
      },
    },
    roles,
  );
  return {
    topologies,
    close: () => runtime.close(),
  };
};

export interface TaskOptions {
  readonly topologies: readonly Topology[];
  readonly onCommit?: (commit: Commit) => void;
  readonly metrics?: Partial<TaskMetrics>;
}

/** Runs the tasks of topologies, with stores on disk. */
export const startTasks = (
  { config, log, registry }: BenchStream,
  { topologies, onCommit, metrics }: TaskOptions,
): Promise<Worker> =>
  startWorker({
    context: {
      application: config.application,
      instance: 'benchmark',
      address: '',
      log,
      stores: levelStoreFolder(dataFolders(config).stores),
      clock: systemClock,
      limits: taskLimits(config.limits),
      metrics: { ...noMetrics, ...metrics },
      topicPrefix: '',
      adopt: true,
    },
    topologies,
    schemas: {
      registry,
      openSerde,
      claim: types.claimType,
      commit: types.commitRecordType,
      block: types.stateBlockType,
      deadLetter: types.deadLetterType,
    },
    version: 'benchmark',
    ...(onCommit === undefined ? {} : { onCommit }),
    onFailure: (error) => {
      console.error(error);
    },
    onGroupFailure: (error) => {
      console.error(error);
    },
  });
