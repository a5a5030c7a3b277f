import type { TopicDefinition } from '../../schemas/topic.ts';
import type { TopicDifference } from '../log.ts';
import { configEntriesOf, inSyncOf } from './topic-configs.ts';

/** What is configured of replicas; the brokers' own defaults where nothing is. */
export interface Replication {
  readonly replicas?: number | undefined;
  readonly inSyncReplicas?: number | undefined;
}

/** A topic as its brokers have it. */
export interface FoundTopic {
  readonly partitions: number;
  readonly replicas: number;
  readonly configs: ReadonlyMap<string, string>;
  /** Whether the first records of any partition are gone. */
  readonly isTruncated: boolean;
}

type Fits = (found: string, needed: string) => boolean;

/** -1 is no limit. */
const keepsAsMuch: Fits = (found, needed) =>
  Number(found) < 0 || (Number(needed) >= 0 && Number(found) >= Number(needed));

const sameWords: Fits = (found, needed) =>
  found.split(',').sort().join() === needed.split(',').sort().join();

/** What is compared, and when it fits. */
const FITS: Readonly<Record<string, Fits>> = {
  'cleanup.policy': sameWords,
  'retention.ms': keepsAsMuch,
  'retention.bytes': keepsAsMuch,
  'delete.retention.ms': keepsAsMuch,
  'max.message.bytes': keepsAsMuch,
  'message.timestamp.type': (found, needed) => found === needed,
  'min.insync.replicas': keepsAsMuch,
};

export const COMPARED: readonly string[] = Object.keys(FITS);

/** What one policy makes of a setting that another one asks for. */
const mattersTo = (setting: string, cleanup: TopicDefinition['cleanup']): boolean => {
  if (setting.startsWith('retention.')) return cleanup !== 'compact';
  return setting !== 'delete.retention.ms' || cleanup.startsWith('compact');
};

/** To compact what was deleted from hides that it is not whole. */
const isRepairable = (setting: string, needed: string, found: FoundTopic): boolean =>
  setting !== 'cleanup.policy' || needed !== 'compact' || !found.isTruncated;

const configDifferences = (
  definition: TopicDefinition,
  found: FoundTopic,
  inSyncReplicas: number,
): readonly TopicDifference[] =>
  configEntriesOf(definition, inSyncReplicas).flatMap(({ name: setting, value: needed }) => {
    const has = found.configs.get(setting);
    const fits = FITS[setting];
    if (has === undefined || fits === undefined || !mattersTo(setting, definition.cleanup)) {
      return [];
    }
    if (fits(has, needed)) return [];
    const topic = definition.name;
    return [
      { topic, setting, needed, found: has, isRepairable: isRepairable(setting, needed, found) },
    ];
  });

/** With more in-sync replicas than there are replicas nothing can be written. */
const unwritable = (topic: string, found: FoundTopic): readonly TopicDifference[] => {
  const setting = 'min.insync.replicas';
  const has = found.configs.get(setting) ?? '1';
  if (Number(has) <= found.replicas) return [];
  const needed = String(found.replicas);
  return [{ topic, setting, needed, found: has, isRepairable: true }];
};

/** In what a topic differs from how it is needed. */
export const topicDifferences = (
  definition: TopicDefinition,
  found: FoundTopic,
  { replicas, inSyncReplicas }: Replication,
): readonly TopicDifference[] => {
  const { name: topic, partitions } = definition;
  const fixed = (setting: string, needed: number, has: number): readonly TopicDifference[] =>
    needed === has
      ? []
      : [
          {
            ...{ topic, setting, needed: String(needed), found: String(has) },
            isRepairable: false,
          },
        ];
  const inSync = Math.min(inSyncReplicas ?? inSyncOf(found.replicas), found.replicas);
  return [
    ...fixed('partitions', partitions, found.partitions),
    ...fixed('replication.factor', Math.max(replicas ?? 0, found.replicas), found.replicas),
    ...configDifferences(definition, found, inSync),
    ...unwritable(topic, found),
  ];
};
