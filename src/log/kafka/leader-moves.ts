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

/** What the library calls a broker that cannot be reached, or is no longer one. */
const LOST: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSRequestTimeoutError',
]);
/** Each may take seconds. */
const LOSSES_MAX = 2;

const isOf = (error: unknown, isIt: (error: Error) => boolean): boolean =>
  error instanceof Error && (isIt(error) || isOf(error.cause, isIt));

/**
 * Repeats a question while the answer is that another broker leads by now, or that nobody does yet,
 * and a few times while there is none: the others know who leads instead of one that is away.
 * A topic that is gone is no longer listed when it asks again, which ends it at once.
 * Never for records: a repeated send would double them.
 */
export const followingLeaders = async <T>(
  cluster: Pick<KafkaCluster, 'refresh'>,
  ask: () => Promise<T>,
): Promise<T> => {
  for (let moves = 0, losses = 0; ; moves += 1) {
    try {
      if (moves > 0) await cluster.refresh();
      return await ask();
    } catch (error) {
      const isLost = isOf(error, ({ name }) => LOST.has(name));
      if (isLost) losses += 1;
      else if (!isOf(error, (one) => MOVED.has(kafkaTypeOf(one)))) throw error;
      if (losses > LOSSES_MAX || moves >= MOVES_MAX) throw error;
    }
    await wait(AFTER_MOVE_MS);
  }
};
