import { turnOfOthers } from '../core/turn-of-others.ts';
import type { Log } from '../log/log.ts';
import { offset, type Offset } from '../log/offset.ts';
import { readBetween } from '../log/read-between.ts';
import { isNotable, type FollowedRecord } from './followed.ts';
import type { Lane } from './follower.ts';

/** Which records a listener hears of: what is notable, and all of one series. */
export interface Interest {
  readonly series: { readonly stream: string; readonly id: string } | undefined;
}

export type Listener = (record: FollowedRecord) => void;

const READ = { maxRecords: 500, maxBytes: 1 << 20 } as const;

const seriesKey = (stream: string, id: string): string => `${stream}\n${id}`;

const seriesOf = (record: FollowedRecord): string | undefined => {
  if (record.kind !== 'forecast' && record.kind !== 'score') return undefined;
  // Only the model that serves is shown.
  if (record.value.model.role === 'shadow') return undefined;
  return seriesKey(record.stream, record.value.seriesId);
};

const isOf = ({ series }: Interest, record: FollowedRecord): boolean =>
  isNotable(record) ||
  (series !== undefined && seriesOf(record) === seriesKey(series.stream, series.id));

/** Followed records as they come, and again from any place of the log. */
export class Feed {
  private readonly log: Log;
  private readonly all = new Set<Listener>();
  private readonly bySeries = new Map<string, Set<Listener>>();
  private followed: readonly Lane[] = [];

  constructor(log: Log) {
    this.log = log;
  }

  /** The lanes of a follower, whose `next` says how far this feed has come. */
  attach(lanes: readonly Lane[]): void {
    this.followed = lanes;
  }

  /** The lanes that can hold something of interest. */
  lanesOf({ series }: Interest): readonly Lane[] {
    return this.followed.filter(({ followed: { kind, stream } }) =>
      kind === 'forecast' || kind === 'score' ? stream === series?.stream : true,
    );
  }

  /** Returns what ends it. */
  listen({ series }: Interest, listener: Listener): () => void {
    this.all.add(listener);
    if (series === undefined) return () => this.all.delete(listener);
    const key = seriesKey(series.stream, series.id);
    const listeners = this.bySeries.get(key) ?? new Set<Listener>();
    this.bySeries.set(key, listeners.add(listener));
    return () => {
      this.all.delete(listener);
      listeners.delete(listener);
      if (listeners.size === 0) this.bySeries.delete(key);
    };
  }

  publish(record: FollowedRecord): void {
    if (isNotable(record)) for (const listener of this.all) listener(record);
    if (this.bySeries.size === 0) return;
    const key = seriesOf(record);
    if (key === undefined) return;
    for (const listener of this.bySeries.get(key) ?? []) listener(record);
  }

  /** What is of interest in one lane between two offsets, read from the log again. */
  async *again(
    { followed, partition }: Lane,
    bounds: { readonly from: number; readonly to: Offset },
    interest: Interest,
  ): AsyncGenerator<FollowedRecord> {
    const { start } = await this.log.offsets(followed.topic, partition);
    const from = offset(Math.max(start, bounds.from));
    const place = { topic: followed.topic, partition, from, to: bounds.to };
    for await (const { records } of readBetween(this.log, place, READ)) {
      await followed.learn(records);
      yield* records
        .filter((record) => record.offset < bounds.to)
        .flatMap((record) => followed.read(record) ?? [])
        .filter((record) => isOf(interest, record));
      await turnOfOthers();
    }
  }
}
