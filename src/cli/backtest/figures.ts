const SCALED_DIGITS = 4;
const SIGNIFICANT_DIGITS = 5;

const orDash =
  (write: (value: number) => string) =>
  (value: number | null): string =>
    value === null ? '-' : write(value);

/** A figure without a unit: WAPE, MASE. */
export const scaled = orDash((value) => value.toFixed(SCALED_DIGITS));

export const percent = orDash((value) => `${(100 * value).toFixed(1)}%`);

/** A figure in the unit of the values, whatever their size; all digits before the point. */
export const amount = orDash((value) => {
  if (Math.abs(value) < 1) return value.toPrecision(SIGNIFICANT_DIGITS);
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.max(0, SIGNIFICANT_DIGITS - before));
});

/** What would move the cursor, colour the line or turn the direction of writing. */
const COMMANDS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const segmenter = new Intl.Segmenter();

/** A name from a file, on one line of a terminal that it cannot command. */
export const shortName = (name: string, lengthMax: number): string => {
  const safe = name.replaceAll(COMMANDS, '\ufffd');
  const characters = Array.from(segmenter.segment(safe), ({ segment }) => segment);
  return characters.length <= lengthMax ? safe : `${characters.slice(0, lengthMax - 1).join('')}…`;
};
