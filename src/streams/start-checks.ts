import type { Log, TopicState } from '../log/log.ts';
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

const holdsRecords = ({ offsets }: TopicState): boolean =>
  offsets.some(({ start, end }) => end > start);

const changelogsOf = (
  { application, topicPrefix }: StartCheckOptions['context'],
  stream: string,
): string => `${topicPrefix}${application}.${stream}.`;

/**
 * Outputs of a stream without any changelog of this application are a predecessor's: under a new
 * name everything would be written again. A topology that is new to an application that has others
 * is not meant by this.
 */
export const refuseRenamed = async ({ context, topologies }: StartCheckOptions): Promise<void> => {
  if (context.adopt) return;
  const topics = await context.log.topics();
  const names = topics.map(({ definition }) => definition.name);
  for (const { stream, sinks } of topologies) {
    const prefix = changelogsOf(context, stream);
    if (names.some((name) => name.startsWith(prefix) && name.endsWith('.changelog'))) continue;
    const own = sinks.filter(({ name }) => name.startsWith(`${context.topicPrefix}${stream}.`));
    const written = topics.find(
      (topic) => own.some(({ name }) => name === topic.definition.name) && holdsRecords(topic),
    );
    if (written === undefined) continue;
    throw new StreamError(
      'TASK_UNADOPTED',
      `${written.definition.name} holds records, but application ${context.application} has no ` +
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
  const topics = await context.log.topics();
  for (const topology of topologies) {
    for (const source of partitionedSources(topology)) {
      const found = topics.find(({ definition }) => definition.name === source);
      if (found === undefined) {
        throw new StreamError(
          'TASK_SOURCE_MISSING',
          `${topology.stream}.${topology.name} reads ${source}, which is not there; produce ` +
            'something to it, or create it',
          { retriable: true },
        );
      }
      const { partitions } = found.definition;
      if (partitions === topology.partitions) continue;
      throw new StreamError(
        'TASK_SOURCE_PARTITIONS',
        `${topology.stream}.${topology.name} reads ${source}, which has ${partitions} ` +
          `partitions, with ${topology.partitions} tasks; give both the same number`,
      );
    }
  }
};
