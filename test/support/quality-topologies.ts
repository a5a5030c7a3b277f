import { parseFrequency } from '../../src/core/frequency.ts';
import { partitionOf } from '../../src/core/murmur2.ts';
import type { DriftWindows } from '../../src/drift/drift-windows.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { Accuracy } from '../../src/schemas/accuracy.ts';
import type { Alert } from '../../src/schemas/alert.ts';
import type { DriftSignal } from '../../src/schemas/drift-signal.ts';
import type { PartialRecord } from '../../src/schemas/partial.ts';
import type { Score } from '../../src/schemas/score.ts';
import type { Serde } from '../../src/schemas/serde.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import { monitoring } from '../../src/streams/topologies/monitoring.ts';
import { summary, type SummaryOptions } from '../../src/streams/topologies/summary.ts';
import { sourceSet, watermarkRecord } from '../../src/streams/watermarks.ts';
import { columnarSerde } from './columnar-scores.ts';
import { scoreOf } from './scores.ts';
import { structuredSerde } from './structured-serde.ts';
import { TopologyDriver, type FedRecord } from './topology-driver.ts';

export const SERDES = {
  score: structuredSerde<Score>(),
  partial: structuredSerde<PartialRecord>(),
  accuracy: structuredSerde<Accuracy>(),
  drift: structuredSerde<DriftSignal>(),
  alert: structuredSerde<Alert>(),
};

const topic = (name: string, partitions = 1): TopicDefinition => ({
  name,
  partitions,
  cleanup: 'delete',
});

const SCORES = 's.scores';
const PARTIALS = 's.partials';

/** Days instead of weeks, so that a test needs few of them. */
const SHORT_WINDOWS: DriftWindows = {
  step: 2,
  unit: 24,
  referenceUnits: 4,
  referenceUnitsMin: 2,
  recentUnits: 1,
  season: 24,
};

const membersOf = (partitions: number): { topic: string; partition: number }[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic: SCORES, partition }));

export interface MonitoringDriverOptions {
  readonly partition?: number;
  readonly partitions?: number;
  readonly partialsPartitions?: number;
  readonly frequency?: string;
  readonly drift?: DriftWindows;
}

/** A monitoring task, by default of horizon 2. */
export const monitoringDriver = (options: MonitoringDriverOptions = {}): TopologyDriver => {
  const { partition = 0, partitions = 2, partialsPartitions = 1, frequency = '1h' } = options;
  const { drift = SHORT_WINDOWS } = options;
  return new TopologyDriver(
    monitoring({
      stream: 's',
      scores: topic(SCORES, partitions),
      partials: topic(PARTIALS, partialsPartitions),
      serdes: { ...SERDES, score: columnarSerde(SERDES.score) },
      periods: parseFrequency(frequency),
      horizon: drift.step,
      drift,
      sources: sourceSet(1, membersOf(partitions)),
    }),
    partition,
  );
};

export interface SummaryDriverOptions extends Partial<
  Pick<SummaryOptions, 'windows' | 'thresholds'>
> {
  readonly partition?: number;
  readonly partitions?: number;
}

export const summaryDriver = ({
  partition = 0,
  partitions = 1,
  ...options
}: SummaryDriverOptions = {}): TopologyDriver =>
  new TopologyDriver(
    summary({
      stream: 's',
      partials: topic(PARTIALS, partitions),
      accuracy: topic('s.accuracy', partitions),
      drift: topic('s.drift', partitions),
      alerts: topic('alerts'),
      serdes: SERDES,
      windows: [
        { text: '1d', ms: 86_400_000 },
        { text: '7d', ms: 7 * 86_400_000 },
      ],
      thresholds: {},
      ...options,
    }),
    partition,
  );

export const scored = (given: Partial<Score>): FedRecord => ({
  topic: SCORES,
  key: given.seriesId ?? 'a',
  value: SERDES.score.encode(scoreOf(given)),
});

/** What the forecasting task of a scores partition says of itself. */
export const scoredUpTo = (watermark: number, { idle = false, partition = 0 } = {}): FedRecord => {
  const member = { topic: SCORES, partition };
  return watermarkRecord(member, {
    ...member,
    watermark,
    idle,
    sources: sourceSet(1, [member]),
  });
};

/** The values of one topic among what was sent. */
export const valuesOf = <T>(
  records: readonly OutgoingRecord[],
  name: string,
  serde: Serde<T>,
): T[] =>
  records.flatMap((record) => {
    if (record.topic !== name || record.value === null) return [];
    const decoded = serde.decode(record.value);
    return decoded.ok ? [decoded.value] : [];
  });

export const accuracyIn = (records: readonly OutgoingRecord[]): Accuracy[] =>
  valuesOf(records, 's.accuracy', SERDES.accuracy);

export const partitionOfSeries = (seriesId: string, partitions: number): number =>
  partitionOf(Buffer.from(seriesId), partitions);
