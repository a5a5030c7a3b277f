import { dayOfMonth, shortInstant } from './format.js';

const DAY_SECONDS = 86_400;
/** A tick is 1, 2 or 5 times a power of ten: from millionths to trillions. */
const POWERS = Array.from({ length: 19 }, (_, index) => index - 6);
const INCREMENTS = POWERS.flatMap((power) => [1, 2, 5].map((size) => Number(`${size}e${power}`)));
const DECIMALS_MAX = 6;
/** An axis is wide enough for four figures, and wider where a label is longer; in pixels. */
const AXIS_MIN = 46;
const FIGURE_WIDTH = 6.5;
const GAP = 12;

/** Distances of ticks to choose from: between counts there is nothing to be named. */
export const incrementsOf = (isWhole) =>
  isWhole ? INCREMENTS.filter((increment) => increment >= 1) : INCREMENTS;

/** Whether a series counts: each value that is known is a whole number. */
export const isWhole = (values) =>
  values.every((value) => value === null || Number.isInteger(value));

const incrementAt = ([first, second]) => (second === undefined ? first : second - first) || 1;

/** As many decimals as tell neighbouring ticks apart, the same for all of them. */
export const valueLabels = (ticks) => {
  const increment = Math.abs(incrementAt(ticks));
  // Float: a tenth is a little less than a tenth after a subtraction.
  const digits = Math.min(DECIMALS_MAX, Math.max(0, -Math.floor(Math.log10(increment) + 1e-9)));
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const { format: text } = new Intl.NumberFormat('en', format);
  return ticks.map((tick) => text(Math.abs(tick) < increment / 2 ? 0 : tick));
};

export const axisWidth = (labels) => {
  const longest = Math.max(0, ...(labels ?? []).map(({ length }) => length));
  return Math.max(AXIS_MIN, Math.ceil(longest * FIGURE_WIDTH) + GAP);
};

/** Midnights are named by their day, other ticks by their hour; all in UTC. */
export const timeLabels = (ticks) =>
  ticks.map((seconds) => {
    const isMidnight = seconds % DAY_SECONDS === 0;
    return isMidnight ? dayOfMonth(seconds * 1000) : shortInstant(seconds * 1000).slice(-5);
  });
