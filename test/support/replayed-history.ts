import { parseFrequency } from '../../src/core/frequency.ts';
import type { Panel } from '../../src/evaluation/history.ts';
import { aggregation, type AggregationKind } from '../../src/features/aggregation.ts';
import { memoryLog, type MemoryLog } from '../../src/log/memory/memory-log.ts';
import type { Observation } from '../../src/schemas/observation.ts';
import type { RetrainingRequest } from '../../src/schemas/retraining-request.ts';
import { replayedHistory } from '../../src/streams/topologies/training/replay.ts';
import { watermarkRecord } from '../../src/streams/watermarks.ts';
import { structuredSerde } from './structured-serde.ts';

export const HOUR = 3_600_000;
export const TOPIC = 's.observations';
export const serde = structuredSerde<Observation>();

export interface Event {
  readonly partition?: number;
  readonly seriesId?: string;
  /** Hours. */
  readonly at: number;
  readonly value?: number | null;
  readonly isLate?: boolean;
  readonly id?: string;
  readonly attributes?: Observation['attributes'];
}

export const append = (log: MemoryLog, events: readonly Event[]): void => {
  for (const event of events) {
    const { partition = 0, seriesId = 'a', at, value = 1, isLate = false, attributes = {} } = event;
    const observation = { seriesId, eventTime: at * HOUR, value, attributes };
    const headers = {
      source: 'x',
      ...(isLate ? { late: '1' } : {}),
      ...(event.id === undefined ? {} : { id: event.id }),
    };
    log.append(TOPIC, partition, [
      { key: Buffer.from(seriesId), value: serde.encode(observation), headers },
    ]);
  }
};

export const logOf = async (events: readonly Event[], partitions = 2): Promise<MemoryLog> => {
  const log = memoryLog({ clock: { now: () => 0, monotonic: () => 0 } });
  await log.ensureTopics([{ name: TOPIC, partitions, cleanup: 'delete' }]);
  append(log, events);
  return log;
};

/** Says in the first partition that all periods before an hour are over. */
export const complete = (log: MemoryLog, hour: number): void => {
  const member = { topic: 'raw', partition: 0 };
  const said = { ...member, watermark: hour * HOUR, idle: false, sources: '1;raw/0' };
  log.append(TOPIC, 0, [watermarkRecord({ topic: TOPIC, partition: 0 }, said)]);
};

export interface Asked {
  readonly from?: number;
  readonly to: number;
  readonly ends?: readonly number[];
  readonly ringPeriods?: number;
  readonly isKeyed?: boolean;
  readonly kind?: AggregationKind;
  readonly wordsMax?: number;
  readonly timeZoneAttribute?: string;
  readonly eventsMax?: number;
}

export const historyOf = async (log: MemoryLog, asked: Asked): Promise<Panel> => {
  const { from = 0, to, ends = [Infinity, Infinity], ringPeriods = 4, kind = 'count' } = asked;
  const request: RetrainingRequest = {
    id: 'r',
    model: 'm',
    stream: 's',
    reason: 'schedule',
    evidence: '{}',
    trainingWindow: {
      start: from * HOUR,
      end: to * HOUR,
      offsets: ends.map((next, partition) => ({ topic: TOPIC, partition, next })),
    },
  };
  const history = replayedHistory({
    log,
    observations: TOPIC,
    serde,
    aggregation: aggregation(kind),
    frequency: parseFrequency('1h'),
    ringPeriods,
    holidays: null,
    isKeyed: asked.isKeyed ?? false,
    timeZoneAttribute: asked.timeZoneAttribute,
    eventsMax: asked.eventsMax,
    ...(asked.wordsMax === undefined ? {} : { wordsMax: asked.wordsMax }),
  });
  return history(request, new AbortController().signal);
};

export interface PlainSeries {
  readonly seriesId: string;
  readonly firstPeriod: number;
  readonly values: readonly number[];
}

export const plain = async (log: MemoryLog, asked: Asked): Promise<readonly PlainSeries[]> =>
  (await historyOf(log, asked)).series.map(({ seriesId, firstPeriod, values }) => ({
    seriesId,
    firstPeriod,
    values: [...values],
  }));
