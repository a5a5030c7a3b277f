import { join } from 'node:path';
import { onnxModelShelf, openJudged } from '../../src/cli/run/onnx-model-shelf.ts';
import { streamParts, type StreamParts } from '../../src/cli/run/stream-parts.ts';
import { streamSerdes, type StreamSerdes } from '../../src/cli/run/stream-serdes.ts';
import { streamTopologies, TASK_ROLES } from '../../src/cli/run/stream-topologies.ts';
import { trainingHistory } from '../../src/cli/run/training-history.ts';
import { loadConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../../src/log/embedded/embedded-schema-registry.ts';
import type { Log, LogRecord } from '../../src/log/log.ts';
import { openOnnxRuntime } from '../../src/models/onnx/onnx-forecaster.ts';
import { folderArtifactStore } from '../../src/registry/folder/folder-artifact-store.ts';
import { namedTrainer } from '../../src/retraining/trainers/named-trainer.ts';
import { sealed } from '../../src/retraining/trainers/sealed.ts';
import type { ModelAdopted } from '../../src/schemas/decision.ts';
import type { SchemaRegistry } from '../../src/schemas/schema-registry.ts';
import type { Serde } from '../../src/schemas/serde.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import { noForecastMetrics } from '../../src/streams/metrics.ts';
import { partitionedSources, type Topology } from '../../src/streams/topology.ts';
import { memoryArtifactStore } from './memory-artifact-store.ts';
import { ContentsGatherer, everyRecordOf, recordsOf, type Contents } from './topic-contents.ts';
import { TopologyDriver } from './topology-driver.ts';

/** What a run left in its folder, and its topologies with the decisions that it recorded. */
export interface RecordedRun {
  readonly parts: StreamParts;
  readonly serdes: StreamSerdes;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** By name; training keeps what it makes in `made`, so that nothing of the run helps it. */
  readonly topologies: ReadonlyMap<string, Topology>;
  readonly made: ReturnType<typeof memoryArtifactStore>;
  close(): Promise<void>;
}

type Opened = Pick<RecordedRun, 'parts' | 'serdes' | 'log'>;

/** The values of a topic, partition by partition, watermarks left out. */
export const valuesIn = async <T>(
  log: Log,
  topic: TopicDefinition,
  serde: Serde<T>,
): Promise<readonly T[]> => {
  const values: T[] = [];
  for await (const { value } of everyRecordOf(log, topic)) {
    if (value === null) continue;
    await serde.learn([value]);
    const decoded = serde.decode(value);
    if (!decoded.ok) throw new Error(`${topic.name} has a value that nobody can read`);
    values.push(decoded.value);
  }
  return values;
};

const adoptionsIn = async ({ parts, serdes, log }: Opened): Promise<readonly ModelAdopted[]> => {
  const decisions = await valuesIn(log, parts.topics.decisions, serdes.decision);
  return decisions.flatMap((decision) => (decision.type === 'ModelAdopted' ? [decision] : []));
};

/** The same assembly as that of a run, with what was recorded in the place of what is decided. */
const topologiesOf = async (
  folder: string,
  opened: Opened,
  made: RecordedRun['made'],
): Promise<{ readonly topologies: readonly Topology[]; close(): Promise<void> }> => {
  const { parts, serdes, log } = opened;
  const { stream, features, topics } = parts;
  const runtime = openOnnxRuntime({ workers: 1 });
  const artifacts = folderArtifactStore(join(folder, 'data', 'artifacts'));
  const shelf = onnxModelShelf({ artifacts, runtime, featureSchema: features });
  const adoptions = await adoptionsIn(opened);
  const topologies = streamTopologies(
    {
      config: loadConfig({ file: join(folder, 'tidecast.yaml'), env: {} }),
      ...{ parts, serdes, shelf, rawPartitions: topics.observations.partitions },
      ...{ clock: systemClock, metrics: noForecastMetrics },
      onRefused: (_model, error) => {
        throw error;
      },
      onMisfit: (_model, error) => {
        throw error;
      },
      pinned: (task) => adoptions.filter((one) => one.task === task),
      isAhead: () => false,
      awakenings: () => 0,
      isEnding: () => false,
      positions: async () => [],
      trainer: {
        trainer: namedTrainer(stream.model.trainer),
        artifacts: made,
        open: openJudged(runtime),
        seal: sealed,
        history: trainingHistory(parts, { log, serde: serdes.observation }),
      },
    },
    TASK_ROLES,
  );
  return {
    topologies,
    close: () => runtime.close(),
  };
};

/** Opens the folder of a run of one stream that has ended. */
export const openRecordedRun = async (folder: string): Promise<RecordedRun> => {
  const config = loadConfig({ file: join(folder, 'tidecast.yaml'), env: {} });
  const [stream] = config.streams;
  if (stream === undefined) throw new Error(`${folder} has a configuration without a stream`);
  const path = join(folder, 'data', 'log');
  const log = await openEmbeddedLog({ folder: path, clock: systemClock });
  const registry = await openEmbeddedSchemaRegistry({ folder: path });
  const parts = streamParts(config, stream);
  const serdes = await streamSerdes(parts, registry);
  const made = memoryArtifactStore();
  const assembled = await topologiesOf(folder, { parts, serdes, log }, made);
  return {
    ...{ parts, serdes, log, registry, made },
    topologies: new Map(assembled.topologies.map((topology) => [topology.name, topology])),
    close: async () => {
      await assembled.close();
      await registry.close();
      await log.close();
    },
  };
};

export const topologyOf = ({ topologies }: RecordedRun, name: string): Topology => {
  const found = topologies.get(name);
  if (found === undefined) throw new Error(`the run has no topology ${name}`);
  return found;
};

interface Replay {
  readonly topology: Topology;
  readonly partition: number;
  readonly batchRecords: number;
  readonly into: ContentsGatherer;
}

const replayPartition = async (run: RecordedRun, replay: Replay): Promise<void> => {
  const { topology, partition, batchRecords, into } = replay;
  const driver = new TopologyDriver(topology, partition);
  const [topic = ''] = partitionedSources(topology);
  const records = await recordsOf(run.log, topic, partition);
  for (let at = 0; at < records.length; at += batchRecords) {
    const sent = await driver.feed(records.slice(at, at + batchRecords));
    for (const record of sent) await into.put(record);
  }
  if (driver.refusals.length === 0) return;
  throw new Error(`${topology.name} refused what the run had taken`);
};

/** What a topology makes of its recorded partitions from empty state, in batches of this size. */
export const replayOf = async (
  run: RecordedRun,
  name: string,
  batchRecords: number,
): Promise<Contents> => {
  const topology = topologyOf(run, name);
  const into = new ContentsGatherer(run.registry);
  for (let partition = 0; partition < topology.partitions; partition += 1) {
    await replayPartition(run, { topology, partition, batchRecords, into });
  }
  return into.contents;
};

/** The last offset of each partition that a topology reads. */
const lastOffsets = async (run: RecordedRun, topology: Topology): Promise<readonly number[]> => {
  const [topic = ''] = partitionedSources(topology);
  const last: number[] = [];
  for (let partition = 0; partition < topology.partitions; partition += 1) {
    last.push((await recordsOf(run.log, topic, partition)).at(-1)?.offset ?? -1);
  }
  return last;
};

/**
 * What a topology left in its sinks. Of the decisions, which several write, its own; and none that
 * came after the last record of its partition, since a replay goes by records and ends before.
 */
export const recordedBy = async (run: RecordedRun, name: string): Promise<Contents> => {
  const topology = topologyOf(run, name);
  const gatherer = new ContentsGatherer(run.registry);
  const last = await lastOffsets(run, topology);
  const isReplayed = (record: LogRecord): boolean => {
    if (record.topic !== run.parts.topics.decisions.name) return true;
    const decision = run.serdes.decision.decode(record.value);
    if (!decision.ok || !decision.value.task.startsWith(`${name}.`)) return false;
    const { partition, offset } = decision.value.source;
    return offset <= (last[partition] ?? -1);
  };
  for (const sink of topology.sinks) {
    for await (const record of everyRecordOf(run.log, sink)) {
      if (isReplayed(record)) await gatherer.put(record);
    }
  }
  return gatherer.contents;
};
