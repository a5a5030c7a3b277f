import { assert } from '../core/assert.ts';
import type { Log } from '../log/log.ts';
import { offset } from '../log/offset.ts';
import type { CommitRecord, SourcePosition } from '../schemas/commit-record.ts';
import type { Serde } from '../schemas/serde.ts';
import {
  changelogNameOf,
  COMMIT_KEY,
  groupOf,
  namesOf,
  transactionalIdOf,
  type Naming,
} from './changelog.ts';
import type { Topology } from './topology.ts';

export interface BeginOptions {
  readonly log: Log;
  readonly naming: Naming;
  readonly topology: Topology;
  /** Of the changelog's commits. */
  readonly serde: Serde<CommitRecord>;
}

/**
 * Writes where the tasks of a topology are to begin, as the first commit of each: with nothing
 * remembered. Their changelog must exist, and be empty.
 */
export const beginAt = async (
  { log, naming, topology, serde }: BeginOptions,
  positionsOf: (partition: number) => readonly SourcePosition[],
): Promise<void> => {
  const { topicPrefix } = naming;
  const names = namesOf(naming, topology);
  const group = groupOf(names);
  const changelog = changelogNameOf(naming, topology);
  for (let partition = 0; partition < topology.partitions; partition += 1) {
    const { end } = await log.offsets(changelog, partition);
    assert(end === 0, `${changelog} has begun already`);
    const positions = positionsOf(partition);
    const value = serde.encode({ seq: 1, positions, watermarks: [], frequency: '' });
    const producer = await log.producer(transactionalIdOf(names, { topicPrefix, partition }));
    try {
      const transaction = await producer.begin();
      const key = Buffer.from(COMMIT_KEY);
      await transaction.send([{ topic: changelog, partition, key, value }]);
      await transaction.commitOffsets(
        positions.map(({ next, ...place }) => ({ group, ...place, next: offset(next) })),
      );
      await transaction.commit();
    } finally {
      await producer.close();
    }
  }
};
