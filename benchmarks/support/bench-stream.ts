import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { partitionOf } from '../../src/core/murmur2.ts';
import { seededRandom } from '../../src/core/random.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../../src/log/embedded/embedded-schema-registry.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import type { Log, OutgoingRecord } from '../../src/log/log.ts';
import { metadataEntries } from '../../src/models/artifact.ts';
import { linearDesign } from '../../src/models/linear-design.ts';
import type { LinearModel } from '../../src/models/linear-model.ts';
import { linearGraph } from '../../src/models/onnx/linear-graph.ts';
import type { FeatureSchema } from '../../src/schemas/feature-schema.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import type { SchemaRegistry } from '../../src/schemas/schema-registry.ts';
import type { Serde } from '../../src/schemas/serde.ts';
import { streamParts, type StreamParts } from '../../src/cli/run/stream-parts.ts';
import { streamSerdes, type StreamSerdes } from '../../src/cli/run/stream-serdes.ts';
import { compactOnKafka } from './kafka-compaction.ts';

export const HOUR_MS = 3_600_000;
export const START_PERIOD = Date.UTC(2024, 0, 1) / HOUR_MS;

/** A folder, a log and everything that a stream needs on it. */
export interface BenchStream {
  readonly folder: string;
  readonly config: Config;
  readonly log: Log;
  readonly parts: StreamParts;
  readonly serdes: StreamSerdes;
  readonly registry: SchemaRegistry;
  /** Leaves the last record of each key in compacted topics. */
  readonly compact: () => Promise<void>;
  /** Closes all and opens it again, with nothing in memory. */
  reopen(): Promise<BenchStream>;
  /** Closes all and removes the folder. */
  close(): Promise<void>;
}

interface OpenedLog extends Pick<BenchStream, 'log' | 'registry' | 'compact'> {
  end(): Promise<void>;
}

/** Where the records of a benchmark go: brokers, or a log in the folder if there are none. */
const openLogOf = async (
  folder: string,
  brokers: readonly string[] | undefined,
): Promise<OpenedLog> => {
  if (brokers !== undefined) {
    const log = await openKafkaLog({ brokers, clientId: 'benchmark', clock: systemClock });
    return {
      ...{ log, registry: new MemorySchemaRegistry() },
      compact: () => compactOnKafka(brokers, log),
      end: () => log.close(),
    };
  }
  // What is written is counted by the size of the folder.
  const given = { folder: join(folder, 'log'), clock: systemClock };
  await mkdir(given.folder, { recursive: true });
  const log = await openEmbeddedLog(given);
  const registry = await openEmbeddedSchemaRegistry({ folder: given.folder });
  return {
    ...{ log, registry },
    compact: () => log.compact(),
    end: async () => {
      await registry.close();
      await log.close();
    },
  };
};

const openIn = async (
  folder: string,
  yaml: string,
  brokers: readonly string[] | undefined,
): Promise<BenchStream> => {
  const config = loadConfig({ builtIn: yaml, env: {}, overrides: [`data=${folder}`] });
  const opened = await openLogOf(folder, brokers);
  const { log, registry, compact } = opened;
  const [stream] = config.streams;
  if (stream === undefined) throw new Error('a benchmark has a stream');
  const parts = streamParts(config, stream);
  await log.ensureTopics([
    ...Object.values(parts.topics),
    { name: stream.source.topic, partitions: config.kafka.partitions, cleanup: 'delete' },
  ]);
  const serdes = await streamSerdes(parts, registry);
  return {
    ...{ folder, config, log, parts, serdes, registry, compact },
    reopen: async () => {
      await opened.end();
      return openIn(folder, yaml, brokers);
    },
    close: async () => {
      await opened.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export const openBenchStream = async (
  yaml: string,
  brokers?: readonly string[],
): Promise<BenchStream> => openIn(await mkdtemp(join(tmpdir(), 'tidecast-bench-')), yaml, brokers);

/** A linear model of the right shape; its weights are small and arbitrary. */
export const arbitraryModel = (schema: FeatureSchema): Uint8Array => {
  const design = linearDesign(schema);
  const random = seededRandom('weights');
  const weights = (length: number): Float64Array =>
    Float64Array.from({ length }, () => 0.1 * (random.next() - 0.5));
  const model: LinearModel = {
    design,
    scalarWeights: weights(schema.horizon * design.scalars.length),
    profileWeights: weights(schema.horizon * design.profiles.length),
    intercepts: weights(schema.horizon),
  };
  const metadata = metadataEntries({
    featureSchema: schema,
    horizon: schema.horizon,
    strategy: 'direct',
    transform: 'none',
    missing: 'nan',
  });
  return linearGraph(model, metadata);
};

/** Appends records in transactions of some thousands. */
export const appendAll = async (
  log: Log,
  id: string,
  records: Iterable<OutgoingRecord>,
): Promise<number> => {
  const producer = await log.producer(id);
  let portion: OutgoingRecord[] = [];
  let count = 0;
  const commit = async (): Promise<void> => {
    const transaction = await producer.begin();
    await transaction.send(portion);
    await transaction.commit();
    count += portion.length;
    portion = [];
  };
  for (const record of records) {
    portion.push(record);
    if (portion.length >= 4_000) await commit();
  }
  if (portion.length > 0) await commit();
  await producer.close();
  return count;
};

export interface ObservationSpan {
  readonly topic: string;
  readonly partitions: number;
  readonly series: number;
  /** Periods from the start of all, and how many. */
  readonly from: number;
  readonly periods: number;
}

const names = new Map<number, { readonly key: Buffer; readonly id: string }>();

const ID_PREFIX = 'series-';

export const seriesIdOf = (index: number): string =>
  `${ID_PREFIX}${String(index).padStart(6, '0')}`;

export const indexOfSeries = (key: Buffer): number =>
  Number(key.toString('latin1', ID_PREFIX.length));

const seriesAt = (index: number): { readonly key: Buffer; readonly id: string } => {
  const known = names.get(index);
  if (known !== undefined) return known;
  const id = seriesIdOf(index);
  const made = { id, key: Buffer.from(id) };
  names.set(index, made);
  return made;
};

/** One observation a series and hour, period by period. */
export function* observationsOf(
  serde: Serde<Parameters<StreamSerdes['observation']['encode']>[0]>,
  { topic, partitions, series, from, periods }: ObservationSpan,
): Generator<OutgoingRecord> {
  const random = seededRandom(`observations ${from}`);
  for (let period = from; period < from + periods; period += 1) {
    const wave = 20 + 10 * Math.sin((2 * Math.PI * period) / 24);
    for (let index = 0; index < series; index += 1) {
      const { id, key } = seriesAt(index);
      const value = serde.encode({
        seriesId: id,
        eventTime: (START_PERIOD + period) * HOUR_MS,
        value: wave + 3 * random.next(),
        attributes: {},
      });
      yield { topic, partition: partitionOf(key, partitions), key, value };
    }
  }
}
