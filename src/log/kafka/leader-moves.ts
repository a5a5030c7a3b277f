import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaCluster } from './cluster.ts';
import { kafkaTypeOf } from './kafka-error.ts';

const MOVES_MAX = 20;
const AFTER_MOVE_MS = 50;
const MOVED: ReadonlySet<string> = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  // So says a broker that has not heard yet of a topic which others list already.
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

const isMoved = (error: unknown): boolean =>
  MOVED.has(kafkaTypeOf(error)) ||
  (error instanceof Error && error.cause !== undefined && isMoved(error.cause));

/**
 * Repeats a question while the answer is that another broker leads by now, or that nobody does yet.
 * A topic that is gone is no longer listed when it asks again, which ends it at once.
 * Never for records: a repeated send would double them.
 */
export const followingLeaders = async <T>(
  cluster: KafkaCluster,
  ask: () => Promise<T>,
): Promise<T> => {
  for (let moves = 0; ; moves += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isMoved(error) || moves >= MOVES_MAX) throw error;
    }
    await wait(AFTER_MOVE_MS);
    await cluster.refresh();
  }
};
