// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import { NO_HOLIDAYS, type Calendar } from '../calendars/calendar.ts';
import { assert } from '../core/assert.ts';
import { parseFrequency } from '../core/frequency.ts';
import { featureSchemaHash, isScalar, type FeatureSchema } from '../schemas/feature-schema.ts';
import { FeatureError } from './errors.ts';
import { LocalClock } from './local-clock.ts';
import { profileSource, type ProfileSource } from './profile-source.ts';
import { ProfileTable } from './profile-table.ts';
import { RowState } from './row-state.ts';
import { seasonPair } from './season-pair.ts';
import type { SeriesWindow } from './series-window.ts';
import { changes, DEVIATION_SLOTS, deviations, fractions, values } from './sources.ts';
import { columnOf, MISSING_COUNT } from './terms/column.ts';
import type { Column, TermContext } from './terms/term.ts';
import { TrackWindows } from './track-windows.ts';

/** A feature schema made ready to run: one pure function of a window's values up to an origin. */
export interface FeaturePlan {
  readonly schema: FeatureSchema;
  readonly schemaHash: string;
  /** One a column: scalars, then `profile@1`, `profile@2`, … for each profile. */
  readonly names: readonly string[];
  readonly width: number;
  /** Scalars come first: what is published of a row. */
  readonly scalarWidth: number;
  /** Periods before the origin that are read; a ring must hold more than these. */
  readonly lookback: number;
  /** Bytes that are kept for each window between two rows, beside the window. */
  readonly memoryBytes: number;
  /**
   * Writes the row of an origin (a period number) to out[at .. at + width). Reads nothing after the
   * origin; what is missing or unknown is NaN.
   */
  write(window: SeriesWindow, origin: number, out: Float64Array, at: number): void;
}

export interface CompileOptions {
  readonly calendar?: Calendar;
  /** The zone of a series, where it is not the schema's. */
  readonly timeZone?: string;
}

/** @throws FeatureError when the schema wants holidays that the calendar does not have. */
export const compileFeatures = (
  schema: FeatureSchema,
  { calendar = NO_HOLIDAYS, timeZone = schema.timeZone }: CompileOptions = {},
): FeaturePlan => {
  checkHolidays(schema, calendar);
  const frequency = parseFrequency(schema.frequency, timeZone);
  return new CompiledPlan(schema, new LocalClock(frequency), calendar);
};

const checkHolidays = ({ holidays }: FeatureSchema, calendar: Calendar): void => {
  const wanted = holidays === null ? 'none' : `${holidays.region} of ${holidays.version}`;
  const given = calendar.holidays;
  const had = given === null ? 'none' : `${given.region} of ${given.version}`;
  if (holidays === null || wanted === had) return;
  throw new FeatureError(
    'FEATURE_HOLIDAYS_DIFFER',
    `The features were defined with the holidays ${wanted}, but here are ${had}: train a new model`,
  );
};

class CompiledPlan implements FeaturePlan {
  readonly schema: FeatureSchema;
  readonly schemaHash: string;
  readonly names: readonly string[];
  readonly width: number;
  readonly scalarWidth: number;
  readonly lookback: number;
  private readonly state = new RowState();
  private readonly columns: readonly Column[];
  private readonly profiles: ProfileTable;
  private readonly profilesAt: number;
  private readonly measures: readonly (() => void)[];
  private readonly missingCountAt: number;

  constructor(schema: FeatureSchema, clock: LocalClock, calendar: Calendar) {
    const seasons = seasonPair(schema.seasons);
    const context: TermContext = {
      row: this.state.row,
      clock,
      calendar: schema.holidays === null ? NO_HOLIDAYS : calendar,
      seasons,
      values: new TrackWindows(values, { keepsValues: false }),
      deviations: new TrackWindows(deviations(seasons.slot, clock), { keepsValues: true }),
      changes: new TrackWindows(changes(seasons.short), { keepsValues: false }),
      fractions: new TrackWindows(fractions, { keepsValues: false }),
    };
    this.schema = schema;
    this.schemaHash = featureSchemaHash(schema);
    this.columns = schema.terms.filter(isScalar).map((term) => columnOf(term, context));
    const { horizon } = schema;
    const profiles = schema.terms.flatMap((term) =>
      isScalar(term)
        ? []
        : [profileSource(term.profile, { ...context, horizon, slot: seasons.slot })],
    );
    this.names = namesOf(this.columns, profiles, horizon);
    this.width = this.names.length;
    this.scalarWidth = this.columns.length;
    this.missingCountAt = this.names.indexOf(MISSING_COUNT);
    this.lookback = Math.max(
      0,
      ...this.columns.map(({ lookback }) => lookback),
      ...profiles.map(({ lookback }) => lookback),
      context.values.span,
      context.fractions.span,
      reach(context.changes.span, seasons.short),
      reach(context.deviations.span, DEVIATION_SLOTS * seasons.slot + clock.slack),
    );
    const behind = this.lookback + clock.slack;
    const ahead = horizon + clock.slack;
    this.state.isPlain = (origin) => clock.isSteady(origin - behind, origin + ahead);
    const { values: own, deviations: apart, changes: moves, fractions: rests } = context;
    this.measures = [own, apart, moves, rests].map((windows) => windows.compile(this.state));
    this.profiles = new ProfileTable(profiles, horizon, clock);
    this.profilesAt = this.state.keep(this.profiles);
  }

  get memoryBytes(): number {
    return this.state.sizeBytes;
  }

  // eslint-disable-next-line max-params -- an object a row would be garbage
  write(window: SeriesWindow, origin: number, out: Float64Array, at: number): void {
    assert(
      window.capacity > this.lookback,
      `a ring of ${window.capacity} periods cannot look back ${this.lookback}`,
    );
    const { state, columns, measures, scalarWidth } = this;
    state.open(window, origin);
    for (const measure of measures) measure();
    for (let index = 0; index < scalarWidth; index += 1) {
      out[at + index] = (columns[index] as Column).read();
    }
    this.profiles.write(state, this.profilesAt, out, at + scalarWidth);
    if (this.missingCountAt >= 0) this.countMissing(out, at);
  }

  private countMissing(out: Float64Array, at: number): void {
    let missing = 0;
    for (let index = at; index < at + this.width; index += 1) {
      if (Number.isNaN(out[index])) missing += 1;
    }
    out[at + this.missingCountAt] = missing;
  }
}

/** How far a track's windows look back, when each of its values looks back itself. */
const reach = (span: number, behind: number): number => (span === 0 ? 0 : span - 1 + behind);

const namesOf = (
  columns: readonly Column[],
  profiles: readonly ProfileSource[],
  horizon: number,
): string[] => [
  ...columns.map(({ name }) => name),
  ...profiles.flatMap(({ name }) =>
    Array.from({ length: horizon }, (_, index) => `${name}@${index + 1}`),
  ),
];
