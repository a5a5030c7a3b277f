import type { Config } from '../../config/config.ts';
import type { Log, TopicDifference } from '../../log/log.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { LogError } from '../../log/errors.ts';
import { refuseRenamed } from '../../streams/start-checks.ts';
import type { NeededTopic, NeededTopics, NeededTopicsOf, TopicUse } from '../run/needed-topics.ts';
import { differing, fine, missing, sentenceOf, type TopicFinding } from './topic-finding.ts';

/** What a configuration needs, beside what its log has. */
export interface ExaminedTopics extends NeededTopics {
  readonly findings: readonly TopicFinding[];
  /** Names of the topics that are there. */
  readonly existing: ReadonlySet<string>;
}

/** Where one is missing beside others of its stream, it was lost, or a name was mistyped. */
const TELLING: ReadonlySet<TopicUse> = new Set(['history', 'record', 'changelog']);

/** Streams that have run before, or were to: some of what they live on is there. */
const begunStreams = (
  topics: readonly NeededTopic[],
  existing: ReadonlySet<string>,
): ReadonlySet<string> =>
  new Set(
    topics
      .filter(({ use, streams }) => TELLING.has(use) && streams.length === 1)
      .filter(({ definition }) => existing.has(definition.name))
      .flatMap(({ streams }) => streams),
  );

/** Whether `run` creates a topic that is not there. */
const isCreated = (
  { log, kafka }: Config,
  { use, streams }: NeededTopic,
  begun: ReadonlySet<string>,
): boolean => {
  if (log === 'embedded') return true;
  if (use === 'source' || !kafka.createTopics) return false;
  return !TELLING.has(use) || streams.every((stream) => !begun.has(stream));
};

/** Sources are others': of one that is not keyed anything will do. */
const matters = (
  { use, definition }: NeededTopic,
  { setting, found }: TopicDifference,
): boolean => {
  if (use !== 'source') return true;
  if (definition.retentionMs === undefined) return false;
  if (setting === 'cleanup.policy') return found.includes('compact');
  return setting === 'partitions' || setting.startsWith('retention.');
};

/** Compares what a configuration needs with what its log has. */
export const examineTopics = async (
  config: Config,
  log: Log,
  neededOf: NeededTopicsOf,
): Promise<ExaminedTopics> => {
  const counts = new Map(
    (await log.topics()).map(({ definition: { name, partitions } }) => [name, partitions]),
  );
  const { topics, topologies } = await neededOf(config, counts);
  const existing = new Set(counts.keys());
  const begun = begunStreams(topics, existing);
  const all = await log.compareTopics(topics.map(({ definition }) => definition));
  const findings = topics.flatMap((needed): readonly TopicFinding[] => {
    const { name } = needed.definition;
    if (!existing.has(name)) return [missing(needed, isCreated(config, needed, begun))];
    const differences = all.filter((one) => one.topic === name && matters(needed, one));
    if (differences.length === 0) return [fine(needed)];
    return differences.map((one) => differing(config, needed, one));
  });
  return { topics, topologies, findings, existing };
};

/** Those that are not there. */
export const missingOf = ({ topics, existing }: ExaminedTopics): readonly TopicDefinition[] =>
  topics.map(({ definition }) => definition).filter(({ name }) => !existing.has(name));

/** All but the sources, which are others'. */
export const ownOf = ({ topics }: NeededTopics): readonly TopicDefinition[] =>
  topics.filter(({ use }) => use !== 'source').map(({ definition }) => definition);

/** An application under a new name would write everything again, whoever creates its topics. */
export const refuseNewName = async (
  { application, kafka: { topicPrefix } }: Config,
  log: Log,
  { topologies, adopt }: Pick<NeededTopics, 'topologies'> & { readonly adopt: boolean },
): Promise<void> =>
  refuseRenamed({ context: { application, topicPrefix, adopt, log }, topologies });

/** Refuses to go on with topics on which nothing may run: each with both values and its repair. */
export const refuseUnfit = (findings: readonly TopicFinding[]): void => {
  const refused = findings.filter(({ verdict }) => verdict === 'refused');
  if (refused.length === 0) return;
  const isMissing = refused.every(({ setting }) => setting === 'exists');
  throw new LogError(
    isMissing ? 'LOG_UNKNOWN_TOPIC' : 'LOG_TOPIC_MISMATCH',
    ['topics are not as they are needed:', ...refused.map((one) => `  ${sentenceOf(one)}`)].join(
      '\n',
    ),
  );
};
