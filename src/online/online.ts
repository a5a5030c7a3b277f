import type { Clock } from '../core/clock.ts';
import type { Log } from '../log/log.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import type { OpenSerde } from '../schemas/serde.ts';
import type { StoreFolder } from '../state/store.ts';
import { Feed } from './feed.ts';
import { followedTopics } from './followed-topics.ts';
import { laneName, openFollower, type Follower } from './follower.ts';
import { OnlineView } from './online-view.ts';
import { openSavedView, type SavedView } from './saved-view.ts';
import type { OnlineStream } from './stream-view.ts';
import { ViewProgress } from './view-progress.ts';

export interface OnlineOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly openSerde: OpenSerde;
  readonly topicPrefix: string;
  readonly streams: readonly OnlineStream[];
  /** The configured one: what is stale goes by it. */
  readonly clock: Clock;
  /** Where the view rests between two runs; without it, it is read from the topics each time. */
  readonly folder?: StoreFolder;
  readonly saveEveryMs?: number;
  readonly historyBytesMax?: number;
  /** Told once each time that the view does not come on, and why. */
  readonly onHeldUp?: (reason: string) => void;
}

/** The view of all streams, followed for as long as it is open. */
export interface Online {
  readonly store: OnlineView;
  readonly feed: Feed;
  /** Whether the end of every topic has been reached since the start. */
  readonly isCaughtUp: () => boolean;
  readonly progress: ViewProgress;
  /** Rejects when following cannot go on; resolves once it is closed. */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

const SAVE_EVERY_MS = 5_000;
/** Saving may take this share of the time: with many series it comes less often. */
const SAVE_SHARE = 20;

/** Saves now and then; a failure costs a longer start only, and the next try may do better. */
const keepSaving = (
  saved: SavedView,
  follower: Follower,
  everyMs: number,
): (() => Promise<void>) => {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isClosed = false;
  const plan = (waitMs: number): void => {
    timer = setTimeout(() => {
      running = saveOnce();
    }, waitMs);
    timer.unref();
  };
  const saveOnce = async (): Promise<void> => {
    let tookMs = 0;
    try {
      tookMs = await saved.save(follower.positions);
    } catch {
      // The checkpoint stays where it was: what was written since is read from the topics again.
      tookMs = everyMs;
    }
    if (!isClosed) plan(Math.max(everyMs, tookMs * SAVE_SHARE));
  };
  plan(everyMs);
  return async () => {
    isClosed = true;
    clearTimeout(timer);
    await running;
    await saveOnce();
    await saved.close();
  };
};

const reachesOf = async (
  log: Log,
  topics: readonly string[],
): Promise<(lane: string) => number> => {
  const ends = new Map<string, number>();
  for (const { topic, offsets } of await log.offsetsOf(topics)) {
    for (const [partition, { end }] of offsets.entries()) {
      ends.set(laneName(topic, partition), end);
    }
  }
  return (lane) => ends.get(lane) ?? 0;
};

/** Opens the view and begins to follow. The topics must exist. */
export const openOnline = async (options: OnlineOptions): Promise<Online> => {
  const { log, clock, folder, saveEveryMs = SAVE_EVERY_MS } = options;
  const view = new OnlineView(options);
  const feed = new Feed(log);
  const stopping = new AbortController();
  const streams = options.streams.map(({ name }) => name);
  const topics = await followedTopics({ ...options, streams });
  const names = topics.map(({ topic }) => topic);
  const saved =
    folder === undefined
      ? undefined
      : await openSavedView({ folder, view, clock, reaches: await reachesOf(log, names) });
  const follower = await openFollower({
    log,
    topics,
    clock,
    signal: stopping.signal,
    positions: saved?.restoredPositions ?? new Map<string, number>(),
    apply(record) {
      view.apply(record);
      feed.publish(record);
    },
    onReplay({ kind, stream = '' }, place) {
      if (kind === 'score') view.replayed(stream, place);
    },
  });
  feed.attach(follower.lanes);
  const progress = new ViewProgress({
    ...{ log, clock, topics: names },
    positions: () => follower.positions,
    wake: () => follower.wake(),
    onHeldUp: options.onHeldUp,
  });
  const unwatch = progress.watch();
  const done = follower.run();
  const stopSaving = saved === undefined ? undefined : keepSaving(saved, follower, saveEveryMs);
  return {
    store: view,
    feed,
    isCaughtUp: () => follower.isCaughtUp,
    progress,
    done,
    async close() {
      unwatch();
      stopping.abort();
      await Promise.allSettled([done]);
      await stopSaving?.();
    },
  };
};
