import type { Config } from '../config/config.ts';
import { deadLetterTopicName, SHARED_TOPICS, sharedTopicName } from '../schemas/topics.ts';
import { CHANGELOG_SUFFIX } from '../streams/changelog.ts';
import { topicsOf } from '../streams/worker.ts';
import type { TopologiesOf } from './describe.ts';
import { CliError } from './errors.ts';
import { namingOf } from './naming.ts';

/** Those of other configurations too. */
const SUFFIXES: readonly string[] = [CHANGELOG_SUFFIX, deadLetterTopicName('')];

/**
 * Rejects a topic that tasks of this configuration write: a foreign record in it would halt them
 * for good, or be taken for a result.
 */
export const refuseOwnTopic = async (
  topic: string,
  config: Config,
  topologiesOf: TopologiesOf,
): Promise<void> => {
  const { streams } = config;
  const naming = namingOf(config);
  const { topicPrefix } = naming;
  const written = new Set(SHARED_TOPICS.map((shared) => sharedTopicName(topicPrefix, shared)));
  for (const topology of await topologiesOf(config)) {
    for (const { name } of topicsOf(naming, topology)) written.add(name);
  }
  if (!written.has(topic) && !SUFFIXES.some((suffix) => topic.endsWith(suffix))) return;
  const sources = [...new Set(streams.map(({ source }) => source.topic))];
  const known = sources.length === 0 ? '' : `: ${sources.join(', ')}`;
  throw new CliError(
    'USAGE',
    `${topic} is written by tidecast alone; produce to the source of a stream${known}`,
  );
};
