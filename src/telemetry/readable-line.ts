/** The fields of a line of the logger that people read. */
interface LogLine {
  readonly '@timestamp'?: string;
  readonly 'log.level'?: string;
  readonly message?: string;
  readonly error?: { readonly message?: string; readonly code?: string };
}

const LEVEL_COLUMNS = 5;

/** `2026-01-05T10:11:12.345Z` → `10:11:12`. */
const timeOf = (timestamp: string): string => timestamp.slice(11, 19);

const reasonOf = ({ message = '', code }: NonNullable<LogLine['error']>): string =>
  code === undefined ? `: ${message}` : `: ${message} (${code})`;

/**
 * A line of the logger for a terminal: time (UTC), level, message, and what went wrong. What else
 * it has is for those who search logs, and they read JSON.
 */
export const readableLine = (json: string): string => {
  // The logger writes one object a line.
  const line = JSON.parse(json) as LogLine;
  const { '@timestamp': timestamp = '', 'log.level': level = '', message = '', error } = line;
  const reason = error === undefined ? '' : reasonOf(error);
  return `${timeOf(timestamp)} ${level.padEnd(LEVEL_COLUMNS)} ${message}${reason}\n`;
};
