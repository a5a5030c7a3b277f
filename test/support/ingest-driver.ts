import { parseFrequency } from '../../src/core/frequency.ts';
import { eventMapper } from '../../src/ingestion/event-mapper.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import { offset } from '../../src/log/offset.ts';
import type { Decision, PartitionIdle } from '../../src/schemas/decision.ts';
import type { Observation } from '../../src/schemas/observation.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import { decisionType, observationType } from '../../src/schemas/value-types.ts';
import { ingest, type IngestOptions } from '../../src/streams/topologies/ingest.ts';
import { isWatermark, parseWatermark, sourceSet } from '../../src/streams/watermarks.ts';
import { TopologyDriver, type FedRecord } from './topology-driver.ts';

export const RAW = 'raw';
export const OBSERVATIONS = 's.observations';
const DECISIONS = 's.decisions';
export const DAY_MS = 86_400_000;

const registry = new MemorySchemaRegistry();
export const INGEST_SERDES = {
  observation: await openSerde<Observation>(registry, OBSERVATIONS, observationType),
  decision: await openSerde<Decision>(registry, DECISIONS, decisionType),
};

export interface IngestDriverOptions extends Partial<
  Pick<IngestOptions, 'map' | 'graceMs' | 'idle' | 'isAhead' | 'awakenings' | 'serdes'>
> {
  readonly rawPartitions?: number;
  readonly partitions?: number;
  readonly partition?: number;
}

/** Hourly counts of JSON events `{ s, t, v?, id? }`, on one raw partition. */
export const ingestDriver = (given: IngestDriverOptions = {}): TopologyDriver => {
  const { rawPartitions = 1, partitions = 1, partition = 0, ...rest } = given;
  const members = Array.from({ length: rawPartitions }, (_, one) => ({
    topic: RAW,
    partition: one,
  }));
  const options: IngestOptions = {
    stream: 's',
    raw: { name: RAW, partitions: rawPartitions },
    observations: { name: OBSERVATIONS, partitions, cleanup: 'delete' },
    decisions: { name: DECISIONS, partitions: 1, cleanup: 'delete' },
    serdes: INGEST_SERDES,
    map: mapper,
    periods: parseFrequency('1h'),
    graceMs: 600_000,
    idle: { idleAfterMs: 5_000, isEnding: () => false },
    sources: sourceSet(1, members),
    awakenings: () => 0,
    isAhead: () => false,
    ...rest,
  };
  return new TopologyDriver(ingest(options), partition);
};

const SOURCE = {
  ...{ series: 's', time: 't', value: undefined, timeZone: 'UTC', attributes: {} },
} as const;
const LIMITS = { seriesIdBytesMax: 256, attributeBytesMax: 256, maxAheadMs: DAY_MS };
const plain = eventMapper({ ...SOURCE, id: undefined }, LIMITS);
const withId = eventMapper({ ...SOURCE, id: 'id' }, LIMITS);

/** Events that have an id are told apart by it. */
const mapper: IngestOptions['map'] = (record) =>
  record.value?.includes('"id"') === true ? withId(record) : plain(record);

export interface RawOptions {
  readonly id?: string;
  readonly appendedAtMs?: number;
  readonly partition?: number;
}

export const raw = (
  series: string,
  timeMs: number,
  { id, appendedAtMs = timeMs, partition = 0 }: RawOptions = {},
): FedRecord => ({
  topic: RAW,
  partition,
  appendedAtMs,
  value: Buffer.from(JSON.stringify({ s: series, t: timeMs, ...(id === undefined ? {} : { id }) })),
});

/**
 * `3:a@5 late 7`, `0:watermark 12 idle`: partition, then what was written, times from `startMs`.
 */
export const written = (sent: readonly OutgoingRecord[], startMs: number): string[] =>
  sent.flatMap((record) => {
    if (record.topic !== OBSERVATIONS) return [];
    const { key, value, headers = {}, partition } = record;
    const read = { ...record, key, value, headers, offset: offset(0), appendedAtMs: 0 };
    if (isWatermark(read)) {
      const { watermark, idle } = parseWatermark(read);
      return [`${partition}:watermark ${watermark - startMs}${idle ? ' idle' : ''}`];
    }
    const decoded = INGEST_SERDES.observation.decode(value);
    if (!decoded.ok) return [`${partition}:${decoded.reason}`];
    const { seriesId, eventTime } = decoded.value;
    const late = headers['late'] === undefined ? '' : ` late ${Number(headers['late']) - startMs}`;
    return [`${partition}:${seriesId}@${eventTime - startMs}${late}`];
  });

export const idlesOf = (sent: readonly OutgoingRecord[]): PartitionIdle[] =>
  sent.flatMap(({ topic, value }) => {
    const decoded = topic === DECISIONS ? INGEST_SERDES.decision.decode(value) : undefined;
    return decoded?.ok === true && decoded.value.type === 'PartitionIdle' ? [decoded.value] : [];
  });
