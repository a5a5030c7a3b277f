import type { Acknowledgement, Log, OutgoingRecord } from '../log/log.ts';
import type { CommitRecord, SourcePosition } from '../schemas/commit-record.ts';
import type { Serde } from '../schemas/serde.ts';
import {
  changelogNameOf,
  namesOf,
  REPLAY_KEY,
  transactionalIdOf,
  type Naming,
} from './changelog.ts';
import { replayMarker } from './replay-marker.ts';
import { partitionedSources, type Topology } from './topology.ts';

/** A topology that is to begin again. */
export interface BegunTopology {
  readonly topology: Topology;
  /** Of its changelog's commits. */
  readonly serde: Serde<CommitRecord>;
  /** Where a task begins in topics that none of the others writes. */
  readonly positionsOf: (partition: number) => readonly SourcePosition[];
}

export interface BeginAgainOptions {
  readonly log: Log;
  readonly naming: Naming;
  /** All of an application that follow from what is read again. */
  readonly topologies: readonly BegunTopology[];
  /** Names this replay. */
  readonly id: string;
}

/** A task by its changelog. */
interface Place {
  readonly changelog: string;
  readonly transactionalId: string;
  readonly partition: number;
}

const placesOf = (naming: Naming, topology: Topology): readonly Place[] => {
  const { topicPrefix } = naming;
  return Array.from({ length: topology.partitions }, (_, partition) => ({
    changelog: changelogNameOf(naming, topology),
    transactionalId: transactionalIdOf(namesOf(naming, topology), { topicPrefix, partition }),
    partition,
  }));
};

const recordFor = (
  { changelog, partition }: Place,
  serde: Serde<CommitRecord>,
  positions: readonly SourcePosition[],
): OutgoingRecord => ({
  topic: changelog,
  partition,
  key: Buffer.from(REPLAY_KEY),
  value: serde.encode({ seq: 0, positions, watermarks: [], frequency: '' }),
});

/** Fences whoever has the task, and lets nobody take it up before its positions are there. */
const hold = async (log: Log, place: Place, serde: Serde<CommitRecord>): Promise<void> => {
  const producer = await log.producer(place.transactionalId);
  try {
    const transaction = await producer.begin();
    await transaction.send([recordFor(place, serde, [])]);
    await transaction.commit();
  } finally {
    await producer.close();
  }
};

/** What one of them writes and another reads. */
const between = (topologies: readonly BegunTopology[]): ReadonlySet<string> => {
  const read = new Set(topologies.flatMap(({ topology }) => partitionedSources(topology)));
  const written = topologies.flatMap(({ topology }) => topology.sinks.map(({ name }) => name));
  return new Set(written.filter((topic) => read.has(topic)));
};

const markersFor = (
  topologies: readonly BegunTopology[],
  id: string,
): readonly OutgoingRecord[] => {
  const topics = between(topologies);
  return topologies.flatMap(({ topology }) =>
    partitionedSources(topology)
      .filter((topic) => topics.has(topic))
      .flatMap((topic) =>
        Array.from({ length: topology.partitions }, (_, partition) =>
          replayMarker({ topic, partition }, id),
        ),
      ),
  );
};

/** Of one partition behind its marker. */
const behind = (
  markers: readonly Acknowledgement[],
  place: { readonly topic: string; readonly partition: number },
): readonly SourcePosition[] =>
  markers
    .filter(({ topic, partition }) => topic === place.topic && partition === place.partition)
    .map(({ baseOffset, count }) => ({ ...place, next: baseOffset + count }));

/**
 * Lets the tasks of an application begin again in place: with nothing remembered, at the given
 * positions of its sources, and in the topics between them behind all that is there. No worker may
 * run; one that does is fenced. First every task is held, then one transaction says to all of them
 * where they begin: after a crash in between none runs before this was called once more.
 */
export const beginAgain = async (options: BeginAgainOptions): Promise<void> => {
  const { log, naming, topologies, id } = options;
  const tasks = topologies.flatMap((one) =>
    placesOf(naming, one.topology).map((place) => ({ ...one, place })),
  );
  for (const { place, serde } of tasks) await hold(log, place, serde);
  const producer = await log.producer(`${naming.topicPrefix}${naming.application}.replay`);
  try {
    const transaction = await producer.begin();
    const markers = markersFor(topologies, id);
    const placed = markers.length === 0 ? [] : await transaction.send(markers);
    await transaction.send(
      tasks.map(({ topology, serde, positionsOf, place }) => {
        const { partition } = place;
        const own = partitionedSources(topology).flatMap((topic) =>
          behind(placed, { topic, partition }),
        );
        return recordFor(place, serde, [...positionsOf(partition), ...own]);
      }),
    );
    await transaction.commit();
  } finally {
    await producer.close();
  }
};
