import type { Config } from '../../config/config.ts';
import type { TopicDifference } from '../../log/log.ts';
import type { NeededTopic, TopicUse } from '../run/needed-topics.ts';

/** `absent`: `run` creates it. `unwise`: a run works, and may regret it. `refused`: none begins. */
export type TopicVerdict = 'ok' | 'absent' | 'unwise' | 'refused';

/** What was found of one topic: that all is well, or one thing that is not. */
export interface TopicFinding {
  readonly topic: string;
  readonly use: TopicUse;
  readonly partitions: number;
  readonly verdict: TopicVerdict;
  /** As the log calls it; `exists` of a topic that is not there; null: nothing differs. */
  readonly setting: string | null;
  readonly needed: string | null;
  readonly found: string | null;
  /** What to do about it. */
  readonly repair: string | null;
}

const MEANING = ['partitions', 'cleanup.policy', 'message.timestamp.type'] as const;
const RETENTION = ['retention.ms', 'retention.bytes'] as const;

/** On what no run begins: records would be lost, misplaced, or not be what they are taken for. */
const FATAL: Readonly<Record<TopicUse, ReadonlySet<string>>> = {
  source: new Set(['partitions', 'cleanup.policy', ...RETENTION]),
  history: new Set([...MEANING, ...RETENTION]),
  record: new Set([...MEANING, ...RETENTION]),
  changelog: new Set([...MEANING, 'delete.retention.ms']),
  'dead-letters': new Set(['partitions', 'cleanup.policy']),
  output: new Set(MEANING),
};

/** Where more does as well. */
const LEAST: ReadonlySet<string> = new Set([
  ...RETENTION,
  ...['delete.retention.ms', 'max.message.bytes', 'min.insync.replicas'],
]);

const tool = (script: string, { kafka }: Config, rest: string): string =>
  `\`${script} --bootstrap-server ${kafka.brokers[0] ?? ''} --alter ${rest}\``;

const setBy = (config: Config, { topic, setting, needed }: TopicDifference): string =>
  tool(
    'kafka-configs.sh',
    config,
    `--entity-type topics --entity-name ${topic} --add-config ${setting}=${needed}`,
  );

const repairOfPartitions = (
  config: Config,
  { use, follows }: NeededTopic,
  { topic, needed, found }: TopicDifference,
): string => {
  const anew = 'begin anew under another `application` and another `kafka.topicPrefix`';
  if (use === 'dead-letters' && Number(found) < Number(needed)) {
    const command = tool('kafka-topics.sh', config, `--topic ${topic} --partitions ${needed}`);
    return `${command} adds them`;
  }
  if (follows !== undefined) {
    return `${follows} has ${needed} now, and what was read of it stays where it is: ${anew}`;
  }
  return (
    'partitions of a keyed topic never change: write `kafka.partitions: ' + `${found}\`, or ${anew}`
  );
};

const repairOfSource = (config: Config, difference: TopicDifference): string =>
  difference.setting.startsWith('retention.')
    ? `${setBy(config, difference)} sets it, or lower \`retraining.trainingWindowDays\``
    : `${setBy(config, difference)} sets it`;

/** What to do about a difference. */
const repairOf = (config: Config, needed: NeededTopic, difference: TopicDifference): string => {
  const { setting, isRepairable, found } = difference;
  if (setting === 'partitions') return repairOfPartitions(config, needed, difference);
  if (setting === 'replication.factor') {
    return `\`kafka-reassign-partitions.sh\` adds replicas, or write \`kafka.replicas: ${found}\``;
  }
  if (needed.use === 'source') return repairOfSource(config, difference);
  if (config.log === 'embedded') {
    return isRepairable ? 'the next run sets it' : 'use another `data` folder';
  }
  return isRepairable
    ? '`tidecast topics create --repair` sets it'
    : 'its first records were deleted, and what is restored of it is not whole: begin anew under ' +
        'another `application` name; only where every worker has its data folder still, ' +
        `${setBy(config, difference)} is enough`;
};

const verdictOf = (
  { log }: Config,
  { use }: NeededTopic,
  { setting, isRepairable, needed, found }: TopicDifference,
): TopicVerdict => {
  if (log === 'embedded' && isRepairable) return 'unwise';
  const isUnwritable = setting === 'min.insync.replicas' && Number(found) > Number(needed);
  return FATAL[use].has(setting) || isUnwritable ? 'refused' : 'unwise';
};

const bare = ({ definition, use }: NeededTopic) => ({
  ...{ topic: definition.name, use, partitions: definition.partitions },
  ...{ setting: null, needed: null, found: null, repair: null },
});

export const fine = (needed: NeededTopic): TopicFinding => ({ ...bare(needed), verdict: 'ok' });

/** A topic that is not there. */
export const missing = (needed: NeededTopic, isCreated: boolean): TopicFinding => {
  const command = `tidecast topics create${needed.use === 'source' ? ' --sources' : ''}`;
  return {
    ...bare(needed),
    verdict: isCreated ? 'absent' : 'refused',
    ...{ setting: 'exists', needed: 'true', found: 'false' },
    repair: isCreated ? 'the next run creates it' : `\`${command}\` creates it`,
  };
};

export const differing = (
  config: Config,
  needed: NeededTopic,
  difference: TopicDifference,
): TopicFinding => ({
  ...bare(needed),
  verdict: verdictOf(config, needed, difference),
  setting: difference.setting,
  needed: difference.needed,
  found: difference.found,
  repair: repairOf(config, needed, difference),
});

const wantedOf = ({ setting, needed, found }: TopicFinding): string => {
  if (needed === '-1') return 'no limit, -1,';
  const isLeast = LEAST.has(setting ?? '') && Number(found) < Number(needed);
  return `${isLeast ? 'at least ' : ''}${needed ?? ''}`;
};

/** A finding that is not fine, as a sentence with both values and what to do. */
export const sentenceOf = (finding: TopicFinding): string => {
  const { topic, use, setting, found, repair } = finding;
  const what = `${topic} (${use})`;
  const then = repair ?? 'nothing to do';
  if (setting === null) return `${what} is as it is needed`;
  if (setting === 'exists') return `${what} is not there: ${then}`;
  return `${what} has ${setting} ${found ?? ''}, but ${wantedOf(finding)} is needed: ${then}`;
};
