import type { Log, TopicOffsets } from '../log/log.ts';
import { changelogNameOf } from './changelog.ts';
import { StreamError } from './errors.ts';
import { partitionedSources, type Topology } from './topology.ts';

export interface StartCheckOptions {
  readonly context: {
    readonly application: string;
    readonly topicPrefix: string;
    readonly adopt: boolean;
    readonly log: Log;
  };
  readonly topologies: readonly Topology[];
}

const holdsRecords = ({ offsets }: TopicOffsets): boolean =>
  offsets.some(({ start, end }) => end > start);

type Context = StartCheckOptions['context'];

/** Of any topology, also of those that others run. */
const hasChangelog = async (
  { application, topicPrefix, log }: Context,
  stream: string,
): Promise<boolean> => {
  const prefix = `${topicPrefix}${application}.${stream}.`;
  return (await log.topics()).some(
    ({ definition: { name } }) => name.startsWith(prefix) && name.endsWith('.changelog'),
  );
};

/** Whose changelog of this application is there: seldom is it needed to look at all topics. */
const isBegun = async (context: Context, topology: Topology): Promise<boolean> =>
  (await context.log.offsetsOf([changelogNameOf(context, topology)])).length > 0;

/**
 * Outputs of a stream without any changelog of this application are a predecessor's: under a new
 * name everything would be written again. A topology that is new to an application that has others
 * is not meant by this.
 */
export const refuseRenamed = async ({ context, topologies }: StartCheckOptions): Promise<void> => {
  if (context.adopt) return;
  for (const topology of topologies) {
    if (await isBegun(context, topology)) continue;
    const { stream, sinks } = topology;
    const own = sinks.filter(({ name }) => name.startsWith(`${context.topicPrefix}${stream}.`));
    const sunk = await context.log.offsetsOf(own.map(({ name }) => name));
    const written = sunk.find(holdsRecords);
    if (written === undefined || (await hasChangelog(context, stream))) continue;
    throw new StreamError(
      'TASK_UNADOPTED',
      `${written.topic} holds records, but application ${context.application} has no ` +
        `changelog of stream ${stream}: it would write them all again. Start with the ` +
        'application name that wrote them, or with --adopt to process everything again',
    );
  }
};

/**
 * Tasks are one a partition: a source with another count would leave partitions unread, or tasks
 * without one.
 */
export const refuseUnreadable = async ({
  context,
  topologies,
}: StartCheckOptions): Promise<void> => {
  for (const topology of topologies) {
    for (const source of partitionedSources(topology)) {
      const [found] = await context.log.offsetsOf([source]);
      if (found === undefined) {
        throw new StreamError(
          'TASK_SOURCE_MISSING',
          `${topology.stream}.${topology.name} reads ${source}, which is not there; produce ` +
            'something to it, or create it',
          { retriable: true },
        );
      }
      const partitions = found.offsets.length;
      if (partitions === topology.partitions) continue;
      throw new StreamError(
        'TASK_SOURCE_PARTITIONS',
        `${topology.stream}.${topology.name} reads ${source}, which has ${partitions} ` +
          `partitions, with ${topology.partitions} tasks; give both the same number`,
      );
    }
  }
};
