import type { Clock } from '../core/clock.ts';
import { modelVersions, type ModelVersion } from '../registry/model-fold.ts';
import type { Accuracy } from '../schemas/accuracy.ts';
import type { ModelEvent } from '../schemas/model-event.ts';
import { isListed, type FollowedRecord, type ListedRecord, type Place } from './followed.ts';
import { freshnessOf } from './freshness.ts';
import { OpenMatters, type SavedMatters } from './open-matters.ts';
import type {
  OnlineFreshness,
  OnlineSeries,
  OnlineStore,
  SeriesPage,
  SeriesQuery,
  StreamSummary,
} from './online-store.ts';
import { StreamView, type OnlineStream } from './stream-view.ts';

/** What people look through; older ones are in the topics. */
const LISTED_MAX = 200;

const NO_SERIES: StreamSummary = { seriesCount: 0, freshCount: 0, deadCount: 0 };

const MIB = 1 << 20;
/** Histories of all series together: four weeks of hours of some 10,000 series. */
const HISTORY_BYTES_MAX = 256 * MIB;

export interface OnlineViewOptions {
  readonly streams: readonly OnlineStream[];
  readonly clock: Clock;
  readonly historyBytesMax?: number;
}

/** What belongs to no series, as it is kept between two runs. */
export interface SharedView {
  readonly listed: readonly ListedRecord[];
  readonly modelEvents: readonly ModelEvent[];
  readonly modelsNext: number;
  readonly accuracies: readonly Accuracy[];
  readonly open: SavedMatters;
}

/**
 * The online store in memory, filled with the records of followed topics. To take a record twice
 * is the same as to take it once.
 */
export class OnlineView implements OnlineStore {
  readonly streams: ReadonlyMap<string, StreamView>;
  readonly open = new OpenMatters();
  private readonly clock: Clock;
  private listed: ListedRecord[] = [];
  private modelEvents: ModelEvent[] = [];
  private modelsNext = 0;
  private versions: readonly ModelVersion[] | undefined;

  constructor({ streams, clock, historyBytesMax = HISTORY_BYTES_MAX }: OnlineViewOptions) {
    this.clock = clock;
    const share = historyBytesMax / Math.max(1, streams.length);
    this.streams = new Map(streams.map((stream) => [stream.name, new StreamView(stream, share)]));
  }

  apply(record: FollowedRecord): void {
    if (isListed(record)) this.keep(record);
    if (record.kind === 'drift') this.open.drifted(record.value);
    if (record.kind === 'alert') this.open.alerted(record.value);
    if (record.kind === 'model') {
      if (record.place.offset < this.modelsNext) return;
      this.modelsNext = record.place.offset + 1;
      this.modelEvents.push(record.value);
      this.versions = undefined;
      return;
    }
    const stream = this.streams.get(record.stream);
    if (stream !== undefined) applyTo(stream, record);
  }

  /** A partition of scores begins again: what came before is said anew behind it. */
  replayed(name: string, place: Pick<Place, 'partition' | 'offset'>): void {
    const all = this.streams.get(name)?.all.values() ?? [];
    for (const series of all) series.replayed(place);
  }

  get shared(): SharedView {
    const { listed, modelEvents, modelsNext } = this;
    const accuracies = [...this.streams.values()].flatMap((stream) => [
      ...stream.accuracies.values(),
    ]);
    return { listed, modelEvents, modelsNext, accuracies, open: this.open.saved };
  }

  restoreShared({ listed, modelEvents, modelsNext, accuracies, open }: SharedView): void {
    this.open.restore(open);
    this.listed = [...listed];
    this.modelEvents = [...modelEvents];
    this.modelsNext = modelsNext;
    this.versions = undefined;
    for (const accuracy of accuracies) this.streams.get(accuracy.stream)?.judged(accuracy);
  }

  async series(stream: string, id: string, periods: number): Promise<OnlineSeries | undefined> {
    const view = this.streams.get(stream);
    const series = view?.all.get(id);
    if (view === undefined || series === undefined) return undefined;
    return view.told(series, this.clock.now(), periods);
  }

  async list(stream: string, query: SeriesQuery): Promise<SeriesPage> {
    return this.streams.get(stream)?.page(query, this.clock.now()) ?? { total: 0, series: [] };
  }

  async summary(stream: string): Promise<StreamSummary> {
    return this.streams.get(stream)?.summary(this.clock.now()) ?? NO_SERIES;
  }

  async accuracy(stream: string): Promise<readonly Accuracy[]> {
    return [...(this.streams.get(stream)?.accuracies.values() ?? [])];
  }

  async models(): Promise<readonly ModelVersion[]> {
    this.versions ??= modelVersions(this.modelEvents);
    return this.versions;
  }

  async events(limit: number): Promise<readonly ListedRecord[]> {
    return this.listed.slice(-limit).reverse();
  }

  /** For metrics, at the moment of a scrape. */
  freshness(stalestMax: number): OnlineFreshness {
    return freshnessOf(this.streams.values(), this.clock.now(), stalestMax);
  }

  private keep(record: ListedRecord): void {
    const { topic, partition, offset } = record.place;
    const isKnown = this.listed.some(
      ({ place }) =>
        place.offset === offset && place.topic === topic && place.partition === partition,
    );
    if (isKnown) return;
    this.listed.push(record);
    if (this.listed.length > LISTED_MAX) this.listed.shift();
  }
}

type StreamRecord = Exclude<FollowedRecord, { readonly kind: 'model' }>;

/** A challenger speaks in accuracy alone: who asks for a series means the one that serves. */
const isAside = (record: StreamRecord): boolean =>
  (record.kind === 'forecast' || record.kind === 'score') && record.value.model.role === 'shadow';

const applyTo = (stream: StreamView, record: StreamRecord): void => {
  if (isAside(record)) return;
  switch (record.kind) {
    case 'forecast':
      stream.seriesOf(record.value.seriesId).forecasted(record.value);
      return;
    case 'score': {
      const { rowsMax } = stream;
      const { place } = record;
      stream.seriesOf(record.value.seriesId).scored(record.value, { place, rowsMax });
      return;
    }
    case 'decision':
      if (record.value.type !== 'SeriesStale') return;
      stream.seriesOf(record.value.seriesId).decided(record.value);
      return;
    case 'accuracy':
      stream.judged(record.value);
      return;
    case 'drift':
    case 'alert':
    case 'retraining-request':
      return;
  }
};
