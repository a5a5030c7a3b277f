import { setTimeout as wait } from 'node:timers/promises';
import { kafkaTypeOf } from './kafka-error.ts';

/** A coordinator that is only just starting, or still writes the markers of the commit before. */
const PASSING: ReadonlySet<string> = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

export const isPassing = (error: unknown): boolean => PASSING.has(kafkaTypeOf(error));

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Repeats one request that may be repeated, while the refusal is one that passes. Never for
 * records: a repeated send would double them.
 */
export const patiently = async <T>(withinMs: number, ask: () => Promise<T>): Promise<T> => {
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedMs = 0; ; waitedMs += pauseMs, pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || waitedMs > withinMs) throw error;
    }
    await wait(pauseMs);
  }
};
