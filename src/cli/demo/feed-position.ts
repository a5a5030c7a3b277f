import { FLIGHTS, flightEvents } from '../../ingestion/flights.ts';
import type { GroupOffset, Log } from '../../log/log.ts';
import { offset } from '../../log/offset.ts';
import { LIVE_FROM_MS } from './config.ts';

export interface FeedNames {
  readonly application: string;
  /** Where the flights go. */
  readonly topic: string;
}

const groupOf = ({ application }: FeedNames): string => `${application}.demo.feed`;

/**
 * How many flights are in the topic, as it goes into the transaction of the last of them. It counts
 * flights, not offsets, and so stands at no partition of the topic but the first by convention.
 */
export const positionAt = (names: FeedNames, appended: number): GroupOffset => ({
  group: groupOf(names),
  topic: names.topic,
  partition: 0,
  next: offset(appended),
});

/** How many flights earlier runs have appended. */
export const feedPosition = async (log: Log, names: FeedNames): Promise<number> => {
  const positions = await log.groupOffsets(groupOf(names));
  return positions.find(({ topic }) => topic === names.topic)?.next ?? 0;
};

const eventTimeOf = async (flight: number): Promise<number> => {
  for await (const [first] of flightEvents({ skip: flight })) {
    if (first !== undefined) return first.eventTimeMs;
  }
  return FLIGHTS.toMs;
};

/** Where the demo's clock goes on after so many flights: at the last of them, or at its present. */
export const clockStartMs = async (appended: number): Promise<number> =>
  appended === 0 ? LIVE_FROM_MS : Math.max(LIVE_FROM_MS, await eventTimeOf(appended - 1));
