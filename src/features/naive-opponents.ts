import { NO_HOLIDAYS } from '../calendars/calendar.ts';
import { parseFrequency } from '../core/frequency.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';
import { LocalClock } from './local-clock.ts';
import { profileSource, type ProfileSource } from './profile-source.ts';
import { Row } from './row.ts';
import { seasonPair, type SeasonPair } from './season-pair.ts';
import type { SeriesWindow } from './series-window.ts';

/** Slots that a slot mean averages. */
const SLOT_MEAN = 4;

/** The forecasts that every model must beat, and what stands in where there is none. */
export interface NaiveOpponents {
  /** `naive-24`, `naive-168`, `slot-mean`: the order of values. */
  readonly names: readonly string[];
  /** Periods before an origin that are read. */
  readonly lookback: number;
  /**
   * Writes what each says of the target origin + step, step by step for 1..horizon, to
   * out[at .. at + horizon · names.length): NaN where its slots are missing.
   */
  write(window: SeriesWindow, origin: number, out: Float64Array, at: number): void;
  /**
   * What each said of one target at the origins target − 1, target − 2 and so on, as many as `out`
   * holds steps of names.length values.
   */
  writeTarget(window: SeriesWindow, target: number, out: Float64Array): void;
}

interface Opponent {
  readonly name: string;
  readonly source: ProfileSource;
}

const opponentsOf = (
  { short, slot, hasLong }: SeasonPair,
  source: (season: number, to: number) => ProfileSource,
): readonly Opponent[] => [
  { name: `naive-${short}`, source: source(short, 1) },
  ...(hasLong ? [{ name: `naive-${slot}`, source: source(slot, 1) }] : []),
  { name: 'slot-mean', source: source(slot, SLOT_MEAN) },
];

/** Writes once more what stands before `at`; `copyWithin` is slow for a few numbers. */
const repeat = (out: Float64Array, at: number, width: number): void => {
  for (let index = at; index < at + width; index += 1) {
    // Written in the step before.
    out[index] = out[index - width] as number;
  }
};

export type NaiveOptions = Pick<FeatureSchema, 'frequency' | 'timeZone' | 'seasons' | 'horizon'>;

/**
 * The value one short season back, one long season back, and the mean of what is known of the last
 * four same slots: y[T − m·⌈h/m⌉], y[T − M·⌈h/M⌉] and the mean over j = 1..4 of y[T − M·(⌈h/M⌉ − 1
 * + j)].
 */
export const naiveOpponents = (options: NaiveOptions): NaiveOpponents => {
  const { horizon } = options;
  const clock = new LocalClock(parseFrequency(options.frequency, options.timeZone));
  const seasons = seasonPair(options.seasons);
  const { short, slot } = seasons;
  const source = (season: number, to: number): ProfileSource =>
    profileSource(
      { of: 'seasonal', season, from: 1, to, offset: 0 },
      { horizon, clock, calendar: NO_HOLIDAYS, slot },
    );
  const opponents = opponentsOf(seasons, source);
  const lookback = Math.max(...opponents.map((opponent) => opponent.source.lookback));
  const row = new Row();
  const open = (window: SeriesWindow, origin: number): void => {
    row.open(window, origin);
    row.isPlain = clock.isSteady(origin - lookback, origin + horizon + clock.slack);
  };
  const writeOpened = (step: number, out: Float64Array, at: number): void => {
    let next = at;
    for (const { source: said } of opponents) {
      out[next] = said.value(row, step);
      next += 1;
    }
  };
  return {
    names: opponents.map(({ name }) => name),
    lookback,
    // eslint-disable-next-line max-params -- an object a row would be garbage
    write: (window, origin, out, at) => {
      open(window, origin);
      for (let step = 1; step <= horizon; step += 1) {
        writeOpened(step, out, at + (step - 1) * opponents.length);
      }
    },
    writeTarget: (window, target, out) => {
      const width = opponents.length;
      const steps = out.length / width;
      const from = target - horizon - lookback;
      const isSteady = clock.isSteady(from, target + clock.slack);
      for (let step = 1; step <= steps; step += 1) {
        const to = (step - 1) * width;
        // Within a season all steps look back to the same slots.
        const isFresh = (step - 1) % short === 0 || (step - 1) % slot === 0;
        if (isSteady && !isFresh) repeat(out, to, width);
        else {
          open(window, target - step);
          writeOpened(step, out, to);
        }
      }
    },
  };
};
