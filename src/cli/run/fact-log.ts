import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../log/log.ts';
import type { FollowedKind, FollowedRecord } from '../../online/followed.ts';
import { followedTopics, type FollowedTopic } from '../../online/followed-topics.ts';
import { laneName, openFollower, type Follower } from '../../online/follower.ts';
import { openSerde } from '../../schemas/open-serde.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { OpenedLog } from '../opened-log.ts';
import { factLine } from './fact-lines.ts';
import type { TaskRole } from './stream-topologies.ts';

export interface FactLogOptions {
  readonly opened: OpenedLog;
  readonly topicPrefix: string;
  readonly streams: readonly string[];
  /** Of this process: what others write, they say. */
  readonly roles: readonly TaskRole[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Says in the log what the topics of models, drift, requests and decisions hold from now on. */
export interface FactLog {
  /** Says all that has been committed by now, and no more. */
  close(): Promise<void>;
}

/** Who writes what is worth a line. */
const WRITTEN_BY: Readonly<Partial<Record<FollowedKind, TaskRole>>> = {
  decision: 'forecasting',
  drift: 'summary',
  alert: 'summary',
  'retraining-request': 'retraining',
  model: 'training',
};

/** The last lines take far less; a log that does not answer must not hold up the stop. */
const CLOSE_MS_MAX = 2_000;
const LOOK_MS = 10;

const endsOf = async (
  log: Log,
  topics: readonly FollowedTopic[],
): Promise<ReadonlyMap<string, number>> => {
  const ends = new Map<string, number>();
  for (const { topic, offsets } of await log.offsetsOf(topics.map((one) => one.topic))) {
    for (const [partition, { stableEnd }] of offsets.entries()) {
      ends.set(laneName(topic, partition), stableEnd);
    }
  }
  return ends;
};

const topicsOf = async (options: FactLogOptions): Promise<readonly FollowedTopic[]> => {
  const { opened, topicPrefix, streams, roles } = options;
  const all = await followedTopics({ registry: opened.registry, openSerde, topicPrefix, streams });
  return all.filter(({ kind }) => {
    const writer = WRITTEN_BY[kind];
    return writer !== undefined && roles.includes(writer);
  });
};

/** Shared topics hold records of streams that others run. */
const tell = ({ logger, streams }: FactLogOptions, record: FollowedRecord): void => {
  const line = streams.includes(record.stream) ? factLine(record) : undefined;
  if (line === undefined) return;
  const { level, message, action, labels } = line;
  logger[level](message, { action, labels });
};

const reached = (follower: Follower, ends: ReadonlyMap<string, number>): boolean => {
  const { positions } = follower;
  return [...ends].every(([lane, end]) => (positions.get(lane) ?? end) >= end);
};

/** Opens the log of facts at the present ends of their topics, which must exist. */
export const openFactLog = async (options: FactLogOptions): Promise<FactLog> => {
  const { opened, clock, logger } = options;
  const topics = await topicsOf(options);
  const stopping = new AbortController();
  const { signal } = stopping;
  const follower = await openFollower({
    ...{ log: opened.log, topics, clock, signal },
    positions: await endsOf(opened.log, topics),
    apply: (record) => tell(options, record),
  });
  let isRunning = topics.length > 0;
  const following = (isRunning ? follower.run() : Promise.resolve()).catch((error: unknown) => {
    // The work goes on without: the topics have it all.
    isRunning = false;
    logger.error('the log says no more of models, drift and requests', {
      action: 'facts-unreadable',
      error,
    });
  });
  const catchUp = async (): Promise<void> => {
    const ends = await endsOf(opened.log, topics);
    const until = clock.monotonic() + CLOSE_MS_MAX;
    while (isRunning && !reached(follower, ends) && clock.monotonic() < until) await wait(LOOK_MS);
  };
  return {
    async close() {
      try {
        await catchUp();
      } finally {
        stopping.abort();
        await following;
      }
    },
  };
};
