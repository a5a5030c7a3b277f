import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../core/clock.ts';
import { turnOfOthers } from '../core/turn-of-others.ts';
import type { Store, StoreEntry, StoreFolder } from '../state/store.ts';
import type { OnlineView, SharedView } from './online-view.ts';
import { restoredSeries, type SeriesView } from './series-view.ts';

/** Another number when anything that is written here changes: the view is then made anew. */
const FORMAT = 2;

const PATH = ['online'] as const;
const SHARED_KEY = 'shared';
const SERIES_KEY = 'series/';

/** Bytes of one write: a few milliseconds of the event loop. */
const SLICE_BYTES = 1 << 20;

/** A series that is written, and what to mark again when writing fails. */
interface Changed extends StoreEntry {
  readonly series: SeriesView;
}

interface Checkpoint {
  readonly format: number;
  readonly positions: ReadonlyMap<string, number>;
}

const seriesKey = (stream: string, id: string): string => `${SERIES_KEY}${stream}/${id}`;

const checkpointOf = (bytes: Buffer): Checkpoint | undefined => {
  try {
    // Written by `save` below, of this or another version: `format` tells.
    const checkpoint = deserialize(bytes) as Partial<Checkpoint>;
    const { format, positions } = checkpoint;
    return format === FORMAT && positions !== undefined ? { format, positions } : undefined;
  } catch {
    // No bytes of ours: as if there were none, since the topics have everything.
    return undefined;
  }
};

/** How far a log reaches, by lane; to tell whether it is the one that a view was made from. */
export type Reaches = (lane: string) => number;

interface OpenedView {
  readonly store: Store;
  readonly view: OnlineView;
  readonly clock: Clock;
  readonly positions: ReadonlyMap<string, number>;
}

/** A view on disk: a copy that saves reading the topics again, and never the truth. */
export class SavedView {
  private readonly store: Store;
  private readonly view: OnlineView;
  private readonly clock: Clock;
  private positions: ReadonlyMap<string, number>;

  constructor(opened: OpenedView) {
    this.store = opened.store;
    this.view = opened.view;
    this.clock = opened.clock;
    this.positions = opened.positions;
  }

  /** Up to where the restored view has followed; empty for a new one. */
  get restoredPositions(): ReadonlyMap<string, number> {
    return this.positions;
  }

  /**
   * Writes what has changed, slice by slice, so that nobody waits for it; the checkpoint moves with
   * the last one. A series may be ahead of it by then, and knows. Returns how long it took, in ms.
   */
  async save(positions: ReadonlyMap<string, number>): Promise<number> {
    const fromMs = this.clock.monotonic();
    const shared = serialize(this.view.shared);
    const before = this.bytesOf(this.positions);
    for (const slice of this.slices()) await this.write(slice, before);
    const checkpoint = this.bytesOf(positions);
    await this.store.write([{ key: SHARED_KEY, value: shared }], { checkpoint });
    this.positions = positions;
    return this.clock.monotonic() - fromMs;
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private bytesOf(positions: ReadonlyMap<string, number>): Buffer {
    const checkpoint: Checkpoint = { format: FORMAT, positions };
    return serialize(checkpoint);
  }

  private async write(slice: readonly Changed[], checkpoint: Buffer): Promise<void> {
    try {
      await this.store.write(slice, { checkpoint });
    } catch (error) {
      for (const { series } of slice) series.isDirty = true;
      throw error;
    }
    await turnOfOthers();
  }

  private *slices(): Generator<readonly Changed[]> {
    let slice: Changed[] = [];
    let size = 0;
    for (const { stream, series } of this.changed()) {
      const value = series.bytes();
      series.isDirty = false;
      slice.push({ key: seriesKey(stream, series.id), value, series });
      size += value.length;
      if (size < SLICE_BYTES) continue;
      yield slice;
      slice = [];
      size = 0;
    }
    if (slice.length > 0) yield slice;
  }

  private *changed(): Generator<{ readonly stream: string; readonly series: SeriesView }> {
    for (const [stream, { all }] of this.view.streams) {
      for (const series of all.values()) if (series.isDirty) yield { stream, series };
    }
  }
}

const restoreSeries = (view: OnlineView, key: string, bytes: Buffer): void => {
  const [, name = '', id = ''] = /^series\/([^/]*)\/([^]*)$/.exec(key) ?? [];
  const stream = view.streams.get(name);
  // A stream that is no longer configured.
  if (stream === undefined) return;
  stream.add(restoredSeries(id, stream.options.levels, bytes));
};

const restore = async (store: Store, view: OnlineView): Promise<void> => {
  let count = 0;
  for await (const [key, bytes] of store.entries()) {
    // Written by `save` above, in the format that the checkpoint names.
    if (key === SHARED_KEY) view.restoreShared(deserialize(bytes) as SharedView);
    else restoreSeries(view, key, bytes);
    count += 1;
    if (count % 64 === 0) await turnOfOthers();
  }
};

export interface SavedViewOptions {
  readonly folder: StoreFolder;
  readonly view: OnlineView;
  readonly clock: Clock;
  readonly reaches: Reaches;
}

/** Opens the saved view and fills `view` with it; begins anew when it belongs to another log. */
export const openSavedView = async (options: SavedViewOptions): Promise<SavedView> => {
  const { folder, view, clock, reaches } = options;
  const store = await folder.open(PATH);
  const bytes = await store.checkpoint();
  const checkpoint = bytes === undefined ? undefined : checkpointOf(bytes);
  const positions = checkpoint?.positions ?? new Map<string, number>();
  const isOurs = [...positions].every(([lane, next]) => next <= reaches(lane));
  if (checkpoint !== undefined && isOurs) {
    await restore(store, view);
    return new SavedView({ store, view, clock, positions });
  }
  if (bytes === undefined) return new SavedView({ store, view, clock, positions });
  await store.close();
  const empty = await folder.open(PATH, { discard: true });
  return new SavedView({ store: empty, view, clock, positions: new Map() });
};
