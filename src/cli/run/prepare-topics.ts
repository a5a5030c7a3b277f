import { surplusOfAll } from '../../log/definition-differences.ts';
import type { Log } from '../../log/log.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { examineTopics, ownOf, refuseNewName, refuseUnfit } from '../topics/examine-topics.ts';
import type { ApplicationOptions } from './application-options.ts';
import { neededTopics } from './needed-topics.ts';
import type { StreamParts } from './stream-parts.ts';

/** A limit may be lower by mistake: what it would drop is dropped when a person says so. */
const tellOfSurplus = async (
  log: Log,
  own: readonly TopicDefinition[],
  logger: Logger,
): Promise<void> => {
  const found = new Map(
    (await log.topics()).map(({ definition }) => [definition.name, definition]),
  );
  for (const { topic, setting, needed, found: keeps } of surplusOfAll(own, (name) =>
    found.get(name),
  )) {
    logger.info(
      `${topic} has ${setting} ${keeps}, and ${needed} would do: \`tidecast topics create ` +
        '--lower` sets it, and drops what is older',
      { action: 'topic-keeps-more', labels: { topic } },
    );
  }
};

/**
 * Refuses topics on which no run may begin, and creates those that may be. On Kafka a topic that is
 * missing beside others of its stream was lost, or its name mistyped: a person decides then.
 */
export const prepareTopics = async (
  { config, opened: { log }, logger, adopt = false }: ApplicationOptions,
  parts: readonly StreamParts[],
): Promise<void> => {
  const examined = await examineTopics(config, log, async (...of) => neededTopics(...of));
  const { topologies, topics, findings } = examined;
  await refuseNewName(config, log, { topologies, adopt });
  refuseUnfit(findings);
  if (config.log === 'embedded') {
    for (const one of parts) await log.ensureTopics(Object.values(one.topics));
    await tellOfSurplus(log, ownOf(examined), logger);
    return;
  }
  const absent = new Set(
    findings.filter(({ verdict }) => verdict === 'absent').map(({ topic }) => topic),
  );
  const created = topics.filter(({ definition }) => absent.has(definition.name));
  await log.ensureTopics(created.map(({ definition }) => definition));
};
