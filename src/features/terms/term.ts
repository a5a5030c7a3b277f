import type { Calendar } from '../../calendars/calendar.ts';
import type { FeatureTerm } from '../../schemas/feature-schema.ts';
import type { LocalClock } from '../local-clock.ts';
import type { Row } from '../row.ts';
import type { SeasonPair } from '../season-pair.ts';
import type { Reader, TrackWindows } from '../track-windows.ts';

/** What a term may draw on. */
export interface TermContext {
  readonly row: Row;
  readonly clock: LocalClock;
  readonly calendar: Calendar;
  readonly seasons: SeasonPair;
  /** The values themselves. */
  readonly values: TrackWindows;
  /** Their distance from the mean of the same slots before. */
  readonly deviations: TrackWindows;
  /** Their absolute change over the short season. */
  readonly changes: TrackWindows;
  /** What the values have behind their whole part. */
  readonly fractions: TrackWindows;
}

export interface Column {
  readonly name: string;
  /** Periods before the origin that `read` looks at by itself, beside what it asks of tracks. */
  readonly lookback: number;
  readonly read: Reader;
}

export type TermOf<Kind extends FeatureTerm['kind']> = Extract<
  FeatureTerm,
  { readonly kind: Kind }
>;

/** How a kind of term becomes a column. */
export type TermDefinition<Kind extends FeatureTerm['kind']> = (
  term: TermOf<Kind>,
  context: TermContext,
) => Column;
