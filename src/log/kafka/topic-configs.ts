import { TOMBSTONE_RETENTION_MS, type Cleanup, type TopicDefinition } from '../../schemas/topic.ts';
import { RECORD_BYTES_MAX } from '../record-size.ts';

/** Room for what a batch says beside its records. */
const BATCH_HEAD_BYTES = 1 << 20;
const FOR_EVER = -1;

const POLICIES: Readonly<Record<Cleanup, string>> = {
  keep: 'delete',
  delete: 'delete',
  compact: 'compact',
  'compact,delete': 'compact,delete',
};

export interface ConfigEntry {
  readonly name: string;
  readonly value: string;
}

/** From how many replicas on one may fail without holding up those that write. */
const SPARE_REPLICAS = 3;

/** How many replicas must have a record before it counts, where nothing else is configured. */
export const inSyncOf = (replicas: number): number => (replicas >= SPARE_REPLICAS ? 2 : 1);

/**
 * How a topic of ours is made; nothing of it is left to a broker's defaults but how many replicas
 * it has.
 */
export const configEntriesOf = (
  definition: TopicDefinition,
  inSyncReplicas: number,
): readonly ConfigEntry[] => {
  const { cleanup, retentionMs = FOR_EVER, retentionBytes = FOR_EVER } = definition;
  const values: Readonly<Record<string, string | number>> = {
    'cleanup.policy': POLICIES[cleanup],
    'retention.ms': retentionMs,
    'retention.bytes': retentionBytes,
    'delete.retention.ms': TOMBSTONE_RETENTION_MS,
    'max.message.bytes': RECORD_BYTES_MAX + BATCH_HEAD_BYTES,
    'message.timestamp.type': 'LogAppendTime',
    'min.insync.replicas': inSyncReplicas,
  };
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
};

const limitOf = (value: string | undefined): number | undefined => {
  const limit = Number(value ?? FOR_EVER);
  return limit < 0 ? undefined : limit;
};

const cleanupOf = (policy: string, isLimited: boolean): Cleanup => {
  const isCompacted = policy.includes('compact');
  if (policy.includes('delete')) {
    if (isCompacted) return 'compact,delete';
    return isLimited ? 'delete' : 'keep';
  }
  return isCompacted ? 'compact' : 'keep';
};

/** What would drop by age and size, and has no bound of either, drops nothing. */
export const asBrokersSee = (definition: TopicDefinition): TopicDefinition => {
  const { cleanup, retentionMs, retentionBytes } = definition;
  const isLimited = retentionMs !== undefined || retentionBytes !== undefined;
  return cleanup === 'delete' && !isLimited ? { ...definition, cleanup: 'keep' } : definition;
};

/** A topic as its broker has it. */
export const definitionOf = (
  { name, partitions }: { readonly name: string; readonly partitions: number },
  configs: ReadonlyMap<string, string>,
): TopicDefinition => {
  const retentionMs = limitOf(configs.get('retention.ms'));
  const retentionBytes = limitOf(configs.get('retention.bytes'));
  const isLimited = retentionMs !== undefined || retentionBytes !== undefined;
  const cleanup = cleanupOf(configs.get('cleanup.policy') ?? 'delete', isLimited);
  const isDropped = cleanup === 'delete' || cleanup === 'compact,delete';
  return {
    ...{ name, partitions, cleanup },
    ...(isDropped && retentionMs !== undefined ? { retentionMs } : {}),
    ...(isDropped && retentionBytes !== undefined ? { retentionBytes } : {}),
  };
};
