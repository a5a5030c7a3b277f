import type { DriftWindows } from '../../src/drift/drift-windows.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { Accuracy } from '../../src/schemas/accuracy.ts';
import type { Alert } from '../../src/schemas/alert.ts';
import type { DriftSignal } from '../../src/schemas/drift-signal.ts';
import type { SeriesStatistic } from '../../src/schemas/partial.ts';
import type { Reading } from './ingested.ts';
import {
  accuracyIn,
  monitoringDriver,
  partitionOfSeries,
  scoredUpTo,
  SERDES,
  summaryDriver,
  valuesOf,
} from './quality-topologies.ts';
import type { FedRecord } from './topology-driver.ts';

/** The scores of one day. */
export interface ScoredDay {
  /** Epoch ms, exclusive. */
  readonly end: number;
  /** Keyed by their series. */
  readonly scores: readonly FedRecord[];
}

export interface WatchOptions {
  readonly partitions: number;
  /** How the partitions of scores are read: a day of each in turn, or one before the next. */
  readonly reading: Reading;
  readonly drift: DriftWindows;
}

/** All that monitoring and summary say of some scores, but for the partitions it lies in. */
export interface Watched {
  /** The tests of single series, by day and series, whose partition reads 0. */
  readonly tests: readonly SeriesStatistic[];
  readonly accuracy: readonly Accuracy[];
  readonly signals: readonly DriftSignal[];
  readonly alerts: readonly Alert[];
}

const testsIn = (records: readonly OutgoingRecord[]): Watched['tests'] =>
  valuesOf(records, 's.partials', SERDES.partial)
    .flatMap((value) => (value.type === 'SeriesStatistic' ? [{ ...value, partition: 0 }] : []))
    .sort((a, b) => a.tick - b.tick || (a.seriesId < b.seriesId ? -1 : 1));

/** One day of one partition, in its own order, and that it is over. */
const dayOf = ({ scores, end }: ScoredDay, partition: number, partitions: number): FedRecord[] => [
  ...scores.flatMap((score) =>
    partitionOfSeries(String(score.key), partitions) === partition ? [{ ...score, partition }] : [],
  ),
  scoredUpTo(end, { partition }),
];

/** Partition and day of each turn. */
function* turnsOf(
  days: number,
  { partitions, reading }: WatchOptions,
): Generator<[number, number]> {
  for (let turn = 0; turn < days * partitions; turn += 1) {
    yield reading === 'evenly'
      ? [turn % partitions, Math.floor(turn / partitions)]
      : [Math.floor(turn / days), turn % days];
  }
}

/** Runs all tasks of monitoring and summary over scores that are spread over partitions. */
export const watched = async (
  days: readonly ScoredDay[],
  options: WatchOptions,
): Promise<Watched> => {
  const { partitions, drift } = options;
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const given = { partitions, partialsPartitions: partitions, drift };
  const monitors = all.map((partition) => monitoringDriver({ ...given, partition }));
  const summaries = all.map((partition) => summaryDriver({ partitions, partition }));
  for (const [partition, index] of turnsOf(days.length, options)) {
    const day = days[index];
    const monitor = monitors[partition];
    if (day === undefined || monitor === undefined) continue;
    const sent = await monitor.feed(dayOf(day, partition, partitions));
    for (const summary of summaries) {
      await summary.feed(sent.filter((record) => record.partition === summary.partition));
    }
  }
  const said = summaries.flatMap(({ sent }) => sent);
  return {
    tests: testsIn(monitors.flatMap(({ sent }) => sent)),
    accuracy: accuracyIn(said),
    signals: valuesOf(said, 's.drift', SERDES.drift),
    alerts: valuesOf(said, 'alerts', SERDES.alert),
  };
};
