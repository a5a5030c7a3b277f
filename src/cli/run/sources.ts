import type { Config } from '../../config/config.ts';
import type { StreamConfig } from '../../config/stream-config.ts';
import type { Log } from '../../log/log.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { CliError } from '../errors.ts';

const partitionsOf = async (log: Log, topic: string): Promise<number | undefined> => {
  const [found] = await log.offsetsOf([topic]);
  return found?.offsets.length;
};

/**
 * How a source that is not there is created; undefined: it is not. On Kafka that is its owner's to
 * do; the embedded log has no other owner.
 */
export const createdAs = (
  topic: string,
  { log, kafka: { partitions } }: Config,
): TopicDefinition | undefined =>
  log === 'embedded' ? { name: topic, partitions, cleanup: 'delete' } : undefined;

const create = async (log: Log, topic: string, config: Config): Promise<number> => {
  const definition = createdAs(topic, config);
  if (definition === undefined) return 0;
  await log.ensureTopics([definition]);
  return definition.partitions;
};

/** How many partitions the source of a stream has. */
export const sourcePartitions = async (
  log: Log,
  config: Config,
  { name, source }: StreamConfig,
): Promise<number> => {
  const found = await partitionsOf(log, source.topic);
  const partitions = found ?? (await create(log, source.topic, config));
  if (partitions === 0) {
    throw new CliError(
      'NOT_FOUND',
      `there is no topic ${source.topic}: create it, or correct streams.${name}.source.topic`,
    );
  }
  if (source.keyed && partitions !== config.kafka.partitions) {
    throw new CliError(
      'USAGE',
      `${source.topic} has ${partitions} partitions, and a source that is keyed by series must ` +
        `have as many as \`kafka.partitions\` says: write ${partitions} there`,
    );
  }
  return partitions;
};
