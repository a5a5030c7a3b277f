import type { Frequency } from '../../../core/frequency.ts';
import type { SeriesHistory } from '../../../evaluation/history.ts';
import type { Aggregation, AggregationInput } from '../../../features/aggregation.ts';
import { zoneGiven, type NamedZone } from '../../../features/named-zone.ts';
import { SeriesSample, VALUES_MAX } from '../../../retraining/series-sample.ts';
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

/** All series while they are read; when they grow too large, those of the greatest hash go. */
export class GatheredSeries {
  private readonly options: GatheringOptions;
  private readonly bounds: ColumnBounds;
  /** null: left out of the sample. */
  private readonly series = new Map<string, SeriesColumns | null>();
  private readonly sample = new SeriesSample();
  private readonly zones = new Map<string, NamedZone>();
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

  /** Puts an event in the place of all that its period has and will have but for the next such. */
  replace({ seriesId, period, eventTimeMs, value }: PeriodEvent): void {
    this.columnsOf(seriesId)?.replace(period, { eventTimeMs, value });
  }

  /** Takes all of these series out again. */
  forget(seriesIds: ReadonlyMap<string, unknown>): void {
    for (const seriesId of seriesIds.keys()) {
      this.words -= this.series.get(seriesId)?.sizeWords ?? 0;
      this.series.delete(seriesId);
      this.zones.delete(seriesId);
    }
    this.sample.forget(seriesIds);
  }

  /** Lets go what is too much. */
  shrink(): void {
    const { wordsMax = VALUES_MAX } = this.options;
    while (this.words > wordsMax) {
      const gone = this.sample.evict();
      if (gone === undefined) return;
      this.words -= this.series.get(gone)?.sizeWords ?? 0;
      this.series.set(gone, null);
    }
  }

  /** The histories, ascending by id; what they were made from is let go on the way. */
  take(): readonly SeriesHistory[] {
    return [...this.series.keys()]
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
    const columns = this.sample.admit(seriesId)
      ? new SeriesColumns(this.options.aggregation, this.bounds, (words) => {
          this.words += words;
        })
      : null;
    this.series.set(seriesId, columns);
    return columns;
  }
}
