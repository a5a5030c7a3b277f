import type { Config } from '../../config/config.ts';
import { systemClock } from '../../core/clock.ts';
import { noForecastMetrics } from '../../streams/metrics.ts';
import type { Topology } from '../../streams/topology.ts';
import { namedTrainer } from '../../retraining/trainers/named-trainer.ts';
import { describedSerdes } from './stream-serdes.ts';
import { streamParts } from './stream-parts.ts';
import { streamTopologies, TASK_ROLES } from './stream-topologies.ts';

/** What only a running task would call. */
const neverCalled = (): never => {
  throw new Error('a topology that is only described does not run');
};

/** Partition counts of topics that are there, by name. */
export type PartitionCounts = ReadonlyMap<string, number>;

/**
 * The topologies that a run of this configuration would have, before anything is opened. A source
 * that is not known has as many partitions as are configured.
 */
export const describedTopologies = (
  config: Config,
  partitions: PartitionCounts = new Map(),
): readonly Topology[] =>
  config.streams.flatMap((stream) =>
    streamTopologies(
      {
        config,
        parts: streamParts(config, stream),
        serdes: describedSerdes(),
        rawPartitions: partitions.get(stream.source.topic) ?? config.kafka.partitions,
        clock: systemClock,
        metrics: noForecastMetrics,
        shelf: { load: neverCalled },
        onRefused: neverCalled,
        onMisfit: neverCalled,
        isAhead: () => false,
        awakenings: () => 0,
        isEnding: () => false,
        positions: neverCalled,
        trainer: {
          trainer: namedTrainer(stream.model.trainer),
          artifacts: { put: neverCalled, get: neverCalled },
          open: neverCalled,
          seal: neverCalled,
          history: neverCalled,
        },
      },
      TASK_ROLES,
    ),
  );
