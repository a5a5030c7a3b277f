import { examineTopics, refuseNewName, refuseUnfit } from '../topics/examine-topics.ts';
import type { ApplicationOptions } from './application-options.ts';
import { neededTopics } from './needed-topics.ts';
import type { StreamParts } from './stream-parts.ts';

/**
 * Refuses topics on which no run may begin, and creates those that may be. On Kafka a topic that is
 * missing beside others of its stream was lost, or its name mistyped: a person decides then.
 */
export const prepareTopics = async (
  { config, opened: { log }, adopt = false }: ApplicationOptions,
  parts: readonly StreamParts[],
): Promise<void> => {
  const examined = await examineTopics(config, log, async (...of) => neededTopics(...of));
  const { topologies, topics, findings } = examined;
  await refuseNewName(config, log, { topologies, adopt });
  refuseUnfit(findings);
  if (config.log === 'embedded') {
    for (const one of parts) await log.ensureTopics(Object.values(one.topics));
    return;
  }
  const absent = new Set(
    findings.filter(({ verdict }) => verdict === 'absent').map(({ topic }) => topic),
  );
  const created = topics.filter(({ definition }) => absent.has(definition.name));
  await log.ensureTopics(created.map(({ definition }) => definition));
};
