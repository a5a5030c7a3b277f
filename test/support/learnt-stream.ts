import { trainingHistory } from '../../src/cli/run/training-history.ts';
import { streamParts, type StreamParts } from '../../src/cli/run/stream-parts.ts';
import { streamSerdes, type StreamSerdes } from '../../src/cli/run/stream-serdes.ts';
import { streamTopologies } from '../../src/cli/run/stream-topologies.ts';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Panel } from '../../src/evaluation/history.ts';
import { memoryLog, type BareRecord } from '../../src/log/memory/memory-log.ts';
import type { FeatureVector } from '../../src/schemas/feature-vector.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import type { RetrainingRequest } from '../../src/schemas/retraining-request.ts';
import { noForecastMetrics } from '../../src/streams/metrics.ts';
import { SeriesTable, seriesStore } from '../../src/streams/topologies/forecasting/series-table.ts';
import { zonesStore } from '../../src/streams/topologies/forecasting/zones.ts';
import { emptyShelf } from './forecasting-driver.ts';
import { TopologyDriver } from './topology-driver.ts';

/** What forecasting knew of a series. */
export interface SeenSeries {
  readonly seriesId: string;
  /** By period, ascending: the last value that its ring held. */
  readonly values: ReadonlyMap<number, number>;
  readonly zone: { readonly timeZone: string; readonly timeZoneFrom: number } | undefined;
}

/** The only stream of a configuration, put together as the product does it. */
export interface WiredStream {
  readonly config: Config;
  readonly parts: StreamParts;
  readonly serdes: StreamSerdes;
}

export const wiredStream = async (builtIn: string): Promise<WiredStream> => {
  const config = loadConfig({ builtIn, env: {} });
  const [stream] = config.streams;
  if (stream === undefined) throw new Error('a configuration without a stream');
  const parts = streamParts(config, stream);
  return { config, parts, serdes: await streamSerdes(parts, new MemorySchemaRegistry()) };
};

const forecasterOf = (
  { config, parts, serdes }: WiredStream,
  partition: number,
): TopologyDriver => {
  const unused = (): never => {
    throw new Error('only forecasting runs here');
  };
  const [topology] = streamTopologies(
    {
      ...{ config, parts, serdes, shelf: emptyShelf, metrics: noForecastMetrics },
      ...{ clock: systemClock, rawPartitions: 1, onRefused: unused, onMisfit: unused },
      ...{ isAhead: unused, awakenings: unused, isEnding: unused, positions: unused },
      trainer: {
        ...{ history: unused, open: unused, seal: unused },
        ...{ trainer: { name: 'unused', train: unused }, artifacts: { get: unused, put: unused } },
      },
    },
    ['forecasting'],
  );
  if (topology === undefined) throw new Error('a stream without forecasts');
  return new TopologyDriver(topology, partition);
};

/** Observations that forecasting tasks see and, by the same log, a trainer. */
export class LearntStream {
  readonly wired: WiredStream;
  private readonly log = memoryLog({ clock: { now: () => 0, monotonic: () => 0 } });
  private readonly drivers: readonly TopologyDriver[];
  private readonly values = new Map<string, Map<number, number>>();

  private constructor(wired: WiredStream) {
    this.wired = wired;
    const { partitions } = wired.parts.topics.observations;
    this.drivers = Array.from({ length: partitions }, (_, one) => forecasterOf(wired, one));
  }

  static async of(wired: WiredStream): Promise<LearntStream> {
    const learnt = new LearntStream(wired);
    await learnt.log.ensureTopics([wired.parts.topics.observations]);
    return learnt;
  }

  get refusals(): number {
    return this.drivers.reduce((sum, { refusals }) => sum + refusals.length, 0);
  }

  /** Values that forecasting put aside. */
  get late(): number {
    const { name } = this.wired.parts.topics.late;
    const sent = this.drivers.flatMap((driver) => driver.sent);
    return sent.filter(({ topic }) => topic === name).length;
  }

  /** One record after the other, so that nothing leaves a ring before it was noted. */
  async append(partition: number, record: BareRecord): Promise<void> {
    const { name: topic } = this.wired.parts.topics.observations;
    const [driver] = this.drivers.slice(partition);
    if (driver === undefined) throw new Error(`there is no partition ${partition}`);
    this.log.append(topic, partition, [record]);
    await driver.feed([{ topic, ...record }]);
    this.note(driver);
  }

  /** Series that have closed a period, ascending by id. */
  seen(): readonly SeenSeries[] {
    return [...this.values]
      .map(([seriesId, values]) => ({
        seriesId,
        values: new Map([...values].sort(([one], [other]) => one - other)),
        zone: this.zoneOf(seriesId),
      }))
      .sort((one, other) => (one.seriesId < other.seriesId ? -1 : 1));
  }

  /** All features that were published. */
  features(): readonly FeatureVector[] {
    const { topics } = this.wired.parts;
    return this.drivers.flatMap(({ sent }) =>
      sent.flatMap(({ topic, value }) => {
        if (topic !== topics.features.name) return [];
        const read = this.wired.serdes.features.decode(value);
        // The decoder may reuse what it returns.
        return read.ok ? [{ ...read.value, values: read.value.values.slice() }] : [];
      }),
    );
  }

  /** What its trainer would learn from: periods from `from` to before `to`, and those before. */
  async learnt(from: number, to: number): Promise<Panel> {
    const { topics, shape } = this.wired.parts;
    const { name: topic } = topics.observations;
    const offsets = this.drivers.map((_, partition) => ({ topic, partition, next: Infinity }));
    const trainingWindow = {
      ...{ start: shape.periods.startOf(from), end: shape.periods.startOf(to) },
      offsets,
    };
    const request: RetrainingRequest = {
      ...{ id: 'r', model: 'm', stream: 's', reason: 'manual', evidence: '{}', trainingWindow },
    };
    const given = { log: this.log, serde: this.wired.serdes.observation };
    return trainingHistory(this.wired.parts, given)(request, new AbortController().signal);
  }

  private note({ state }: TopologyDriver): void {
    const { ringPeriods } = this.wired.parts.shape;
    const table = new SeriesTable(state.slab(seriesStore(ringPeriods)), ringPeriods);
    for (const { id, window } of table.inOrder()) {
      if (window.isEmpty) continue;
      const values = this.values.get(id) ?? new Map<number, number>();
      this.values.set(id, values);
      for (let period = window.first; period <= window.head; period += 1) {
        values.set(period, window.at(period));
      }
    }
  }

  private zoneOf(seriesId: string): SeenSeries['zone'] {
    const { periods } = this.wired.parts.shape;
    const [own] = this.drivers.flatMap(({ state }) => state.keyed(zonesStore).find(seriesId) ?? []);
    return own && { timeZone: own.zone, timeZoneFrom: periods.periodOf(own.eventTimeMs) };
  }
}
