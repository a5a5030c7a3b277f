import type { TopicDefinition } from '../schemas/topic.ts';
import { LogError } from './errors.ts';

/** Retention may change at any start; partitions and cleanup decide what records mean. */
export const refuseMismatch = (found: TopicDefinition, wanted: TopicDefinition): void => {
  if (found.partitions === wanted.partitions && found.cleanup === wanted.cleanup) return;
  throw new LogError(
    'LOG_TOPIC_MISMATCH',
    `topic ${found.name} has ${found.partitions} partitions and cleanup ${found.cleanup}, but ` +
      `${wanted.partitions} and ${wanted.cleanup} are asked for; change the configuration back, ` +
      'or use another application name',
  );
};
