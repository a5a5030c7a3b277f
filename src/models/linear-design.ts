import {
  isScalar,
  rowShape,
  rowWidth,
  type CalendarField,
  type FeatureSchema,
  type FeatureTerm,
  type Profile,
  type ScalarTerm,
} from '../schemas/feature-schema.ts';
import { NONE, type LinearDesign, type ProfileInput, type ScalarInput } from './linear-model.ts';

/** What stands in for a missing anchor; more would cost every row and serve few. */
const ANCHORS_MAX = 3;

/**
 * Middle and half range of each calendar column, so that it enters a linear model at the size of
 * the others.
 */
const CALENDAR: Readonly<Record<CalendarField, readonly [centre: number, spread: number]>> = {
  hour: [11.5, 12],
  dayofweek: [3, 3.5],
  month: [6.5, 6],
  is_weekend: [0, 1],
  is_holiday: [0, 1],
};

interface Column<Term> {
  readonly term: Term;
  readonly column: number;
}
type Rolling = Extract<FeatureTerm, { kind: 'rolling' }>;

/** Columns that have a part of their own in the design; `NONE` where a schema lacks them. */
interface Special {
  readonly level: number;
  readonly least: number;
  readonly greatest: number;
}

/** Whoever has not seen a whole year must not take its season for a reason: a trend is no month. */
interface YearReading {
  readonly readsYear: boolean;
}

/**
 * How a linear model reads the rows of a feature schema: relative to an anchor (each target's value
 * one short season earlier) and in units of the series' own scale, so that one model fits series of
 * any size and survives moves of level. A minute of the day means nothing to it.
 */
export const linearDesign = (
  schema: FeatureSchema,
  { readsYear }: YearReading = { readsYear: true },
): LinearDesign =>
  designOf(
    schema,
    (term) => !isIdentity(term) && !isOfCalendar(term) && (readsYear || !isOfYear(term)),
  );

/** How trees read them: the same, with the target's place in the calendar. */
export const treeDesign = (schema: FeatureSchema, { readsYear }: YearReading): LinearDesign =>
  designOf(schema, (term) => !isIdentity(term) && (readsYear || !isOfYear(term)));

/**
 * The same rows in one unit for all series, relative to nothing: a tree may ask for the load of a
 * day, not only for what it is beside the day before.
 */
export const valueDesign = (relative: LinearDesign, unit: number): LinearDesign => {
  const { level, scalars, profiles, anchors } = relative;
  const [anchor] = anchors;
  return {
    ...relative,
    ...{ scale: NONE, unit, level: NONE, slotMean: NONE, deviation: NONE, anchors: [] },
    scalars: [
      ...(level === NONE ? [] : [{ kind: 'relative', column: level, reference: NONE } as const]),
      ...scalars.map((input) => (input.kind === 'plain' ? input : { ...input, reference: NONE })),
    ],
    profiles: [
      ...(anchor === undefined ? [] : [{ kind: 'shape', column: anchor } as const]),
      ...profiles.filter(({ kind }) => kind !== 'position'),
    ],
  };
};

/**
 * The same rows for a model that reads how far its own forecasts of the steps before were off the
 * means of their slots; as it is where the schema does not tell where that begins.
 */
export const recursiveDesign = (schema: FeatureSchema, design: LinearDesign): LinearDesign => {
  if (design.slotMean === NONE) return design;
  return { ...design, feedback: latestDeviations(schema) };
};

const isOfCalendar = (term: FeatureTerm): boolean =>
  term.kind === 'profile' && term.profile.of === 'calendar';

/** A number that only tells days apart: which of two is greater means nothing. */
const isIdentity = (term: FeatureTerm): boolean =>
  term.kind === 'profile' && term.profile.of === 'special-day';

/** Columns of the deviations of the origin and of the periods before it, without a hole. */
const latestDeviations = ({ terms }: FeatureSchema): number[] =>
  terms
    .filter(isScalar)
    .flatMap((term, column) => (term.kind === 'deviation' ? [{ column, term }] : []))
    .sort((one, other) => one.term.periods - other.term.periods)
    .filter(({ term }, back) => term.periods === back)
    .map(({ column }) => column);

/** What only an autoregression has a use for: single deviations of a day or a week before. */
const isOfAutoregression = (term: FeatureTerm, latest: number): boolean =>
  term.kind === 'profile'
    ? term.profile.of === 'deviation'
    : term.kind === 'deviation' && term.periods >= latest;

const isOfYear = (term: FeatureTerm): boolean =>
  (term.kind === 'calendar' && term.field === 'month') ||
  (term.kind === 'profile' && term.profile.of === 'calendar' && term.profile.field === 'dayofyear');

const designOf = (schema: FeatureSchema, reads: (term: FeatureTerm) => boolean): LinearDesign => {
  const { horizon, seasons } = schema;
  const [short = 1, slot = short] = seasons;
  const latest = latestDeviations(schema).length;
  const { scalars, profiles } = columnsOf(
    schema,
    (term) => reads(term) && !isOfAutoregression(term, latest),
  );
  const anchors = anchorsOf(profiles, short);
  const scalarAt = (is: (term: ScalarTerm) => boolean): number =>
    scalars.find(({ term }) => is(term))?.column ?? NONE;
  const special = specialColumns(scalars, seasons);
  const width = rowWidth(rowShape(schema));
  return {
    width,
    horizon,
    scale: scalarAt(({ kind }) => kind === 'scale'),
    unit: 1,
    level: special.level,
    slotMean: slotMeanOf(profiles, slot),
    deviation: scalarAt((term) => term.kind === 'deviation-mean' && term.window === short),
    feedback: [],
    whole: scalarAt(({ kind }) => kind === 'whole'),
    start: NONE,
    anchors: anchors.map(({ column }) => column),
    least: special.least,
    greatest: special.greatest,
    scalars: scalars.flatMap((scalar) => scalarInput(scalar, special, width)),
    profiles: profileInputs(profiles, anchors[0]?.column ?? NONE, special.level),
  };
};

/** The first column of a profile; `NONE` where there is none such. */
export const profileColumn = (schema: FeatureSchema, is: (profile: Profile) => boolean): number =>
  columnsOf(schema, () => true).profiles.find(({ term }) => is(term))?.column ?? NONE;

/** Scalars come first, profiles behind them; within each, the order of the terms. */
const columnsOf = (
  { terms, horizon }: FeatureSchema,
  reads: (term: FeatureTerm) => boolean,
): { scalars: Column<ScalarTerm>[]; profiles: Column<Profile>[] } => {
  const scalars = terms.filter(isScalar).map((term, column) => ({ term, column }));
  const profiles = terms
    .flatMap((term) => (isScalar(term) ? [] : [term]))
    .map((term, index) => ({ term, column: scalars.length + index * horizon }));
  return {
    scalars: scalars.filter(({ term }) => reads(term)),
    profiles: profiles
      .filter(({ term }) => reads(term))
      .map(({ term, column }) => ({ term: term.profile, column })),
  };
};

/**
 * Best first: the latest value of the same short slot, then the longest mean of a slot, then what
 * there is.
 */
const anchorsOf = (
  profiles: readonly Column<Profile>[],
  short: number,
): readonly Column<Profile>[] =>
  profiles
    .map((profile) => ({ profile, rank: anchorRank(profile.term, short) }))
    .filter(({ rank }) => rank < Infinity)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, ANCHORS_MAX)
    .map(({ profile }) => profile);

/** Ties go by the order of the terms. */
const anchorRank = (profile: Profile, short: number): number => {
  if (profile.of !== 'seasonal' || profile.offset !== 0 || profile.after !== undefined) {
    return Infinity;
  }
  const { season, from, to } = profile;
  if (season === short && from === 1 && to === 1) return 0;
  const isMean = from === 1 && to > 1;
  return isMean ? 1 / (season * to) : from;
};

/** First column of the mean over most of a target's slots; `NONE` where there is none. */
const slotMeanOf = (profiles: readonly Column<Profile>[], slot: number): number => {
  const means = profiles
    .filter(({ term }) => term.of === 'seasonal' && term.season === slot && term.to > 1)
    .filter(({ term }) => anchorRank(term, slot) < Infinity)
    .sort((one, other) => anchorRank(one.term, slot) - anchorRank(other.term, slot));
  return means[0]?.column ?? NONE;
};

const specialColumns = (
  scalars: readonly Column<ScalarTerm>[],
  [short = 1, long]: readonly number[],
): Special => {
  const rolling = scalars.filter(
    (scalar): scalar is Column<Rolling> => scalar.term.kind === 'rolling',
  );
  const of = (statistic: Rolling['statistic']): Column<Rolling>[] =>
    rolling
      .filter(({ term }) => term.statistic === statistic)
      .sort((one, other) => other.term.window - one.term.window);
  const level = of('mean').findLast(({ term }) => term.window >= short) ?? of('mean')[0];
  // A shorter window would take an ordinary week for the range of the series.
  const windowMin = long === undefined ? 4 * short : 2 * long;
  const greatest = of('max').find(({ term }) => term.window >= windowMin);
  const least = of('min').find(({ term }) => term.window === greatest?.term.window);
  const bounds = greatest !== undefined && least !== undefined;
  return {
    level: level?.column ?? NONE,
    least: bounds ? least.column : NONE,
    greatest: bounds ? greatest.column : NONE,
  };
};

const scalarInput = (
  { term, column }: Column<ScalarTerm>,
  { level, least, greatest }: Special,
  width: number,
): ScalarInput[] => {
  if ([level, least, greatest].includes(column)) return [];
  switch (term.kind) {
    case 'scale':
    case 'whole':
      return [];
    case 'calendar': {
      const [centre, spread] = CALENDAR[term.field];
      return [{ kind: 'plain', column, centre, spread }];
    }
    case 'missing-count':
      return [{ kind: 'plain', column, centre: 0, spread: width }];
    default:
      return [{ kind: 'relative', column, reference: isLevel(term) ? level : NONE }];
  }
};

/** A value that moves with the series' level; the others are differences already. */
const isLevel = (term: ScalarTerm): boolean =>
  term.kind === 'lag' || (term.kind === 'rolling' && term.statistic !== 'std');

const profileInputs = (
  profiles: readonly Column<Profile>[],
  anchor: number,
  level: number,
): ProfileInput[] => [
  ...(anchor !== NONE && level !== NONE ? [{ kind: 'position', column: level } as const] : []),
  ...profiles
    .filter(({ column }) => column !== anchor)
    .map(({ term, column }): ProfileInput =>
      term.of === 'seasonal' ? { kind: 'shape', column } : { kind: 'plain', column },
    ),
];
