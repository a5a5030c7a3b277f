import type { TopicDefinition } from '../schemas/topic.ts';
import type { Log, TopicDifference } from './log.ts';

/** As Kafka writes that there is no limit. */
const FOR_EVER = -1;

const keepsLess = (found: number | undefined, needed: number | undefined): boolean =>
  found !== undefined && (needed === undefined || found < needed);

/** In what topics differ from how they are needed, where a log knows no more of them than this. */
const definitionDifferences = (
  found: TopicDefinition,
  wanted: TopicDefinition,
): readonly TopicDifference[] => {
  const topic = wanted.name;
  const of = (setting: string, values: readonly [needed: unknown, found: unknown]) => ({
    ...{ topic, setting, needed: String(values[0]), found: String(values[1]) },
    isRepairable: setting.startsWith('retention.'),
  });
  const differences: TopicDifference[] = [];
  if (found.partitions !== wanted.partitions) {
    differences.push(of('partitions', [wanted.partitions, found.partitions]));
  }
  if (found.cleanup !== wanted.cleanup) {
    differences.push(of('cleanup.policy', [wanted.cleanup, found.cleanup]));
    return differences;
  }
  const retained = [wanted.retentionMs, found.retentionMs] as const;
  if (keepsLess(retained[1], retained[0])) {
    differences.push(of('retention.ms', [retained[0] ?? FOR_EVER, retained[1]]));
  }
  const bounded = [wanted.retentionBytes, found.retentionBytes] as const;
  if (keepsLess(bounded[1], bounded[0])) {
    differences.push(of('retention.bytes', [bounded[0] ?? FOR_EVER, bounded[1]]));
  }
  return differences;
};

/** A topic that is there, as it is to be from now on. */
export type Change = (found: TopicDefinition, wanted: TopicDefinition) => TopicDefinition;

const changing =
  (limitOf: (one: number, other: number) => number): Change =>
  (found, wanted) => {
    const { name, partitions, cleanup } = wanted;
    const limit = (one = Infinity, other = Infinity): number => limitOf(one, other);
    const retentionMs = limit(found.retentionMs, wanted.retentionMs);
    const retentionBytes = limit(found.retentionBytes, wanted.retentionBytes);
    return {
      ...{ name, partitions, cleanup },
      ...(retentionMs === Infinity ? {} : { retentionMs }),
      ...(retentionBytes === Infinity ? {} : { retentionBytes }),
    };
  };

/**
 * What it keeps only grows: records that a lower limit drops do not come back when a configuration
 * is corrected.
 */
export const raised = changing(Math.max);

/** Where somebody says so, it keeps no more than is wanted. */
export const lowered = changing(Math.min);

/** Of all these definitions, those that are found by name. */
export const differencesOfAll = (
  definitions: readonly TopicDefinition[],
  find: (name: string) => TopicDefinition | undefined,
): readonly TopicDifference[] =>
  definitions.flatMap((wanted) => {
    const found = find(wanted.name);
    return found === undefined ? [] : definitionDifferences(found, wanted);
  });

/** Where topics keep more than is wanted: all is well, but for the room that it takes. */
export const surplusOfAll = (
  definitions: readonly TopicDefinition[],
  find: (name: string) => TopicDefinition | undefined,
): readonly TopicDifference[] =>
  definitions.flatMap((wanted) => {
    const found = find(wanted.name);
    if (found === undefined) return [];
    return definitionDifferences(wanted, found)
      .filter(({ isRepairable }) => isRepairable)
      .map((one) => ({ ...one, needed: one.found, found: one.needed }));
  });

/** Repairs a log whose `ensureTopics` raises what a topic keeps. */
export const repairByEnsuring = async (
  log: Pick<Log, 'compareTopics' | 'ensureTopics'>,
  definitions: readonly TopicDefinition[],
): Promise<readonly TopicDifference[]> => {
  const differences = await log.compareTopics(definitions);
  const hopeless = new Set(
    differences.filter(({ isRepairable }) => !isRepairable).map(({ topic }) => topic),
  );
  const repaired = differences.filter(({ topic }) => !hopeless.has(topic));
  const names = new Set(repaired.map(({ topic }) => topic));
  await log.ensureTopics(definitions.filter(({ name }) => names.has(name)));
  return repaired;
};
