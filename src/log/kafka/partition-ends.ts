import { LogError } from '../errors.ts';
import type { PartitionOffsets } from '../log.ts';
import { offset } from '../offset.ts';
import type { KafkaCluster } from './cluster.ts';
import { groupBy } from './group-by.ts';
import { asLogError, errorOf, logErrorOf } from './kafka-error.ts';
import { followingLeaders } from './leader-moves.ts';

const NO_REPLICA = -1;
const EARLIEST = -2;
const LATEST = -1;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

const nameOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

/** Where partitions begin and end, as their leaders have it. */
export class PartitionEnds {
  private readonly cluster: KafkaCluster;

  constructor(cluster: KafkaCluster) {
    this.cluster = cluster;
  }

  async of(places: readonly Place[]): Promise<ReadonlyMap<string, PartitionOffsets>> {
    const [starts, stableEnds, ends] = await followingLeaders(this.cluster, async () =>
      Promise.all([
        this.listed(places, { timestamp: EARLIEST, isolationLevel: READ_UNCOMMITTED }),
        this.listed(places, { timestamp: LATEST, isolationLevel: READ_COMMITTED }),
        this.listed(places, { timestamp: LATEST, isolationLevel: READ_UNCOMMITTED }),
      ]),
    );
    return new Map(
      places.map((place) => {
        const at = (all: ReadonlyMap<string, number>) => offset(all.get(nameOf(place)) ?? 0);
        return [nameOf(place), { start: at(starts), stableEnd: at(stableEnds), end: at(ends) }];
      }),
    );
  }

  private async listed(
    places: readonly Place[],
    { timestamp, isolationLevel }: { timestamp: number; isolationLevel: number },
  ): Promise<ReadonlyMap<string, number>> {
    const { cluster } = this;
    const byLeader = groupBy(places, ({ topic, partition }) => cluster.leaderOf(topic, partition));
    const listed = new Map<string, number>();
    await Promise.all(
      [...byLeader].map(async ([leader, some]) => {
        const broker = await cluster.broker(leader);
        const topics = [...groupBy(some, ({ topic }) => topic)].map(([topic, partitions]) => ({
          topic,
          partitions: partitions.map(({ partition }) => ({ partition, timestamp })),
        }));
        const request = { replicaId: NO_REPLICA, isolationLevel, topics };
        const { responses } = await asLogError('offsets cannot be read', async () =>
          broker.listOffsets(request),
        );
        for (const { topic, partitions } of responses) {
          for (const { partition, errorCode, offset: found } of partitions) {
            if (errorCode !== 0) throw logErrorOf(errorOf(errorCode), 'offsets cannot be read');
            listed.set(nameOf({ topic, partition }), Number(found));
          }
        }
      }),
    );
    return listed;
  }
}

/** Of one of those that were asked for. */
export const required = (
  offsets: ReadonlyMap<string, PartitionOffsets>,
  place: Place,
): PartitionOffsets => {
  const found = offsets.get(nameOf(place));
  if (found !== undefined) return found;
  throw new LogError('LOG_UNKNOWN_TOPIC', `there is no ${nameOf(place)}; create the topic`);
};
