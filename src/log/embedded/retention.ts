import type { TopicDefinition } from '../../schemas/topic.ts';
import type { Partition } from './partition.ts';
import type { Segment } from './segment.ts';

const deletes = ({ cleanup }: TopicDefinition): boolean =>
  cleanup === 'delete' || cleanup === 'compact,delete';

/**
 * The sealed segments that a topic no longer keeps, oldest first: those whose youngest record is
 * past the age, and those without which the partition still holds its bytes.
 */
export const expiredSegments = (
  definition: TopicDefinition,
  { sealed, segments }: Partition,
  nowMs: number,
): readonly Segment[] => {
  if (!deletes(definition)) return [];
  const { retentionMs = Number.POSITIVE_INFINITY, retentionBytes = Number.POSITIVE_INFINITY } =
    definition;
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const expired: Segment[] = [];
  for (const segment of sealed) {
    const isOld = segment.lastAppendedAtMs < nowMs - retentionMs;
    if (!isOld && bytes - segment.bytes < retentionBytes) break;
    bytes -= segment.bytes;
    expired.push(segment);
  }
  return expired;
};
