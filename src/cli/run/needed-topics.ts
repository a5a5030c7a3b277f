import type { Config } from '../../config/config.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { CHANGELOG_SUFFIX } from '../../streams/changelog.ts';
import { topicsOf } from '../../streams/worker.ts';
import type { Topology } from '../../streams/topology.ts';
import { namingOf } from '../naming.ts';
import { describedTopologies, type PartitionCounts } from './described-topologies.ts';
import { streamParts } from './stream-parts.ts';

/**
 * What a topic is to us: `source` is others' to make; `history` is what models are trained on;
 * `record` is kept for ever; of all else, `output` and `dead-letters` can be made anew at any time.
 */
export type TopicUse = 'source' | 'history' | 'record' | 'changelog' | 'dead-letters' | 'output';

/** A topic that a configuration needs. */
export interface NeededTopic {
  readonly definition: TopicDefinition;
  readonly use: TopicUse;
  /** The source that it has as many partitions as; absent: it has as many as are configured. */
  readonly follows?: string;
  /** Those that read or write it. */
  readonly streams: readonly string[];
}

/** All that a configuration needs on a log. */
export interface NeededTopics {
  readonly topics: readonly NeededTopic[];
  readonly topologies: readonly Topology[];
}

/** Computes it for sources that have so many partitions. */
export type NeededTopicsOf = (config: Config, sources: PartitionCounts) => Promise<NeededTopics>;

type Need = Omit<NeededTopic, 'streams'>;
type Stream = Config['streams'][number];

const useOf = ({ cleanup }: TopicDefinition): TopicUse =>
  cleanup === 'keep' ? 'record' : 'output';

const besideSinks = ({ name }: TopicDefinition): TopicUse =>
  name.endsWith(CHANGELOG_SUFFIX) ? 'changelog' : 'dead-letters';

/** Changelogs and dead letters of a stream. */
const besideItsSinks = (
  config: Config,
  { source: { topic, keyed } }: Stream,
  topologies: readonly Topology[],
): readonly Need[] =>
  topologies.flatMap((topology) => {
    const follows = !keyed && topology.sources.some((one) => one.topic === topic);
    return topicsOf(namingOf(config), topology)
      .slice(topology.sinks.length)
      .map((definition) => ({
        ...{ definition, use: besideSinks(definition) },
        ...(follows ? { follows: topic } : {}),
      }));
  });

/** Source and sinks of a stream. */
const sourceAndSinks = (
  config: Config,
  stream: Stream,
  sources: PartitionCounts,
): readonly Need[] => {
  const { observations, scores, ...outputs } = streamParts(config, stream).topics;
  const { topic, keyed } = stream.source;
  const partitions = sources.get(topic) ?? config.kafka.partitions;
  const source: Need[] = keyed
    ? [{ definition: observations, use: 'source' }]
    : [
        { definition: { name: topic, partitions, cleanup: 'delete' }, use: 'source' },
        { definition: observations, use: 'history' },
      ];
  return [
    ...source,
    { definition: scores, use: 'history' },
    ...Object.values(outputs).map((definition) => ({ definition, use: useOf(definition) })),
  ];
};

/** The same topic of two streams: it must do for both. */
const merged = (one: NeededTopic, other: NeededTopic): NeededTopic => {
  const { retentionMs = 0 } = one.definition;
  const keepsLonger = (other.definition.retentionMs ?? 0) > retentionMs;
  const streams = [...new Set([...one.streams, ...other.streams])];
  return { ...(keepsLonger ? other : one), streams };
};

/** Every topic that a configuration needs, sources included. */
export const neededTopics = (config: Config, sources: PartitionCounts): NeededTopics => {
  const topologies = describedTopologies(config, sources);
  const byName = new Map<string, NeededTopic>();
  for (const stream of config.streams) {
    const own = topologies.filter((topology) => topology.stream === stream.name);
    const needs = [
      ...sourceAndSinks(config, stream, sources),
      ...besideItsSinks(config, stream, own),
    ];
    for (const one of needs) {
      const needed = { ...one, streams: [stream.name] };
      const known = byName.get(one.definition.name);
      byName.set(one.definition.name, known === undefined ? needed : merged(known, needed));
    }
  }
  return { topics: [...byName.values()], topologies };
};
