import type { OutgoingRecord } from '../../src/log/log.ts';
import { ingestDriver, OBSERVATIONS, type IngestDriverOptions } from './ingest-driver.ts';
import type { FedRecord } from './topology-driver.ts';

/**
 * How the raw partitions are read: a few records of each in turn, or one wholly before the next.
 */
export type Reading = 'evenly' | 'one after the other';

export interface IngestedOptions extends Pick<IngestDriverOptions, 'graceMs' | 'map'> {
  readonly rawPartitions: number;
  readonly reading: Reading;
  /** Raw partition of an event, by its place in the list. */
  readonly partitionOf: (index: number) => number;
  readonly batchSize: number;
}

const fed = ({ topic, key, value, headers = {} }: OutgoingRecord): FedRecord => ({
  topic,
  key,
  value,
  headers,
});

/**
 * What ingest writes to the only partition of observations for these raw events, up to the end of
 * all raw partitions, where each becomes idle.
 */
export const ingested = async (
  events: readonly FedRecord[],
  { rawPartitions, reading, partitionOf, batchSize, ...given }: IngestedOptions,
): Promise<FedRecord[]> => {
  let isEnding = false;
  const idle = { idleAfterMs: 1, isEnding: () => isEnding };
  const tasks = Array.from({ length: rawPartitions }, (_, partition) => ({
    driver: ingestDriver({ ...given, idle, rawPartitions, partition }),
    events: events.flatMap((event, index) =>
      partitionOf(index) === partition ? [{ ...event, partition }] : [],
    ),
  }));
  const sent: OutgoingRecord[] = [];
  const perTurn = reading === 'evenly' ? batchSize : Infinity;
  for (let from = 0; tasks.some((task) => from < task.events.length); from += perTurn) {
    for (const task of tasks) {
      sent.push(...(await task.driver.feed(task.events.slice(from, from + perTurn))));
    }
  }
  isEnding = true;
  for (const { driver } of tasks) sent.push(...(await driver.feed([])));
  return sent.filter(({ topic }) => topic === OBSERVATIONS).map(fed);
};
