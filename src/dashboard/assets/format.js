export const UNKNOWN = '–';
/** A thin space that does not break, between a number and its unit. */
const THIN = '\u202f';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const isKnown = (value) => typeof value === 'number' && Number.isFinite(value);

const fixed = (digits) =>
  new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const decimals = [fixed(0), fixed(1), fixed(2), fixed(3)];

export const percent = (share, digits = 1) =>
  isKnown(share) ? `${decimals[digits].format(100 * share)}${THIN}%` : UNKNOWN;

/** Least that two decimals can say. */
const FINE_MIN = 0.00005;

/** A share where small ones count: `5 %`, `4.7 %`, `0.03 %`. */
export const finePercent = (share) => {
  if (!isKnown(share)) return UNKNOWN;
  const size = Math.abs(share);
  if (size > 0 && size < FINE_MIN) return `less than ${percent(0.0001, 2)}`;
  if (size >= 0.001 || size === 0) return percent(share).replace(/\.0(?=\D)/, '');
  return percent(share, 2);
};

export const signedPercent = (share) =>
  isKnown(share) ? `${share > 0 ? '+' : share < 0 ? '−' : ''}${percent(Math.abs(share))}` : UNKNOWN;

export const count = (value) => (isKnown(value) ? decimals[0].format(value) : UNKNOWN);

/** As many digits as the size of a number deserves. */
export const amount = (value) => {
  if (!isKnown(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return decimals[0].format(value);
  return decimals[size >= 10 ? 1 : 2].format(value);
};

export const plural = (value, noun) =>
  `${count(value)} ${noun}${value === 1 || noun.endsWith('s') ? '' : 's'}`;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const two = (value) => String(value).padStart(2, '0');

/** A space that does not break: a zone alone on a line belongs to nothing. */
const FIXED = '\u00a0';

/** `3 Jun 14:20 UTC`, which stays on one line. */
export const zonedInstant = (ms) =>
  isKnown(ms) ? `${shortInstant(ms)} UTC`.replaceAll(' ', FIXED) : UNKNOWN;

/** `3 Jun 14:20`, UTC. */
export const shortInstant = (ms) => {
  if (!isKnown(ms)) return UNKNOWN;
  const date = new Date(ms);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
};

/** `3 Jun 2001 14:20`, UTC. */
export const instant = (ms) => {
  if (!isKnown(ms)) return UNKNOWN;
  const date = new Date(ms);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
};

/** `3 Jun`, UTC. */
export const dayOfMonth = (ms) => shortInstant(ms).slice(0, -6);

/** `3 Jun 2001`, UTC. */
export const day = (ms) => (isKnown(ms) ? instant(ms).slice(0, -6) : UNKNOWN);

export const duration = (ms) => {
  if (!isKnown(ms)) return UNKNOWN;
  if (ms < MINUTE) return `${Math.max(0, Math.round(ms / SECOND))}${THIN}s`;
  if (ms < 2 * HOUR) return `${Math.round(ms / MINUTE)}${THIN}min`;
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)}${THIN}h`;
  return plural(Math.round(ms / DAY), 'day');
};

const UNITS = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, mo: 30 * DAY };
const NAMES = { '1h': 'hourly', '1d': 'daily', '1w': 'weekly', '1mo': 'monthly' };

/** Nominal length of a period: `1h` is 3,600,000. */
export const frequencyMs = (text) => {
  const [, size, unit] = /^(\d+)(mo|[smhdw])$/.exec(text) ?? [null, '1', 'h'];
  return Number(size) * UNITS[unit];
};

export const frequencyWords = (text) => NAMES[text] ?? `every ${text}`;

/** Names of rules and reasons are written with hyphens, people read words; versions stay as they are. */
export const words = (name) => String(name).replaceAll(/(?<=[a-z])[-_](?=[a-z])/gi, ' ');

/** Versions may be as long as a hash; the start tells them apart. */
export const shortVersion = (version) =>
  version.length > 14 ? `${version.slice(0, 12)}…` : version;
