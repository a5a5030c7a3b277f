import { contentHash } from '../../../core/content-hash.ts';
import type { Frequency } from '../../../core/frequency.ts';
import type { SeriesHistory } from '../../../evaluation/history.ts';
import type { Aggregation, AggregationInput } from '../../../features/aggregation.ts';
import { zoneGiven, type NamedZone } from '../../../features/named-zone.ts';
import type { Observation } from '../../../schemas/observation.ts';
import { SeriesColumns, type ColumnBounds } from './series-columns.ts';

export interface GatheringOptions {
  readonly aggregation: Aggregation;
  readonly frequency: Frequency;
  /** The attribute that names a series' own zone, where it has one. */
  readonly timeZoneAttribute: string | undefined;
  /** Float64 words that all series may take; beyond, a sample of them is kept. */
  readonly wordsMax?: number;
}

/** An event of a series and the period that it falls into. */
export interface PeriodEvent extends AggregationInput {
  readonly seriesId: string;
  readonly period: number;
}

/** 240 MB: what a trainer takes at once. */
const WORDS_MAX = 30_000_000;

interface Ranked {
  readonly rank: string;
  readonly seriesId: string;
}

/** All series while they are read; when they grow too large, those of the greatest hash go. */
export class GatheredSeries {
  private readonly options: GatheringOptions;
  private readonly bounds: ColumnBounds;
  /** null: left out of the sample. */
  private readonly series = new Map<string, SeriesColumns | null>();
  /** Those that are in, ascending by rank. */
  private ranked: Ranked[] = [];
  private readonly zones = new Map<string, NamedZone>();
  private cut: string | undefined;
  private words = 0;

  constructor(options: GatheringOptions, bounds: ColumnBounds) {
    this.options = options;
    this.bounds = bounds;
  }

  learnZone(observation: Observation): void {
    const { timeZoneAttribute } = this.options;
    if (timeZoneAttribute === undefined) return;
    const { seriesId } = observation;
    const given = zoneGiven(observation, timeZoneAttribute, this.zones.get(seriesId));
    if (given !== undefined) this.zones.set(seriesId, given);
  }

  fold({ seriesId, period, eventTimeMs, value }: PeriodEvent): void {
    this.columnsOf(seriesId)?.fold(period, { eventTimeMs, value });
  }

  /** Puts an event in the place of all that its period had. */
  replace({ seriesId, period, eventTimeMs, value }: PeriodEvent): void {
    this.columnsOf(seriesId)?.fold(period, { eventTimeMs, value }, true);
  }

  /** Takes all of these series out again. */
  forget(seriesIds: ReadonlySet<string>): void {
    for (const seriesId of seriesIds) {
      this.words -= this.series.get(seriesId)?.sizeWords ?? 0;
      this.series.delete(seriesId);
      this.zones.delete(seriesId);
    }
    this.ranked = this.ranked.filter((one) => !seriesIds.has(one.seriesId));
  }

  /** Lets go what is too much. */
  shrink(): void {
    const { wordsMax = WORDS_MAX } = this.options;
    while (this.words > wordsMax) {
      const last = this.ranked.pop();
      if (last === undefined) return;
      this.words -= this.series.get(last.seriesId)?.sizeWords ?? 0;
      this.series.set(last.seriesId, null);
      this.cut = last.rank;
    }
  }

  /** The histories, ascending by id; what they were made from is let go on the way. */
  take(): readonly SeriesHistory[] {
    const ids = this.ranked.map(({ seriesId }) => seriesId);
    return ids
      .sort((one, other) => (one < other ? -1 : 1))
      .flatMap((seriesId) => {
        const columns = this.series.get(seriesId);
        this.series.delete(seriesId);
        if (columns === null || columns === undefined) return [];
        const { firstPeriod, values } = columns.values();
        if (values.length === 0) return [];
        return [{ seriesId, firstPeriod, values, ...this.zoneOf(seriesId) }];
      });
  }

  private zoneOf(seriesId: string): Pick<SeriesHistory, 'timeZone' | 'timeZoneFrom'> {
    const own = this.zones.get(seriesId);
    if (own === undefined) return {};
    const timeZoneFrom = this.options.frequency.periodOf(own.eventTimeMs);
    return { timeZone: own.zone, timeZoneFrom };
  }

  private columnsOf(seriesId: string): SeriesColumns | null {
    const known = this.series.get(seriesId);
    if (known !== undefined) return known;
    const rank = contentHash([seriesId]);
    const isIn = this.cut === undefined || rank < this.cut;
    const columns = isIn
      ? new SeriesColumns(this.options.aggregation, this.bounds, (words) => {
          this.words += words;
        })
      : null;
    this.series.set(seriesId, columns);
    if (isIn) this.ranked.splice(placeOf(this.ranked, rank), 0, { rank, seriesId });
    return columns;
  }
}

const placeOf = (ranked: readonly Ranked[], rank: string): number => {
  let [low, high] = [0, ranked.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranked[middle]?.rank ?? '') < rank) low = middle + 1;
    else high = middle;
  }
  return low;
};
