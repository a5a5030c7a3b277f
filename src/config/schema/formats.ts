import { parseDurationMs } from '../../core/duration.ts';
import { messageOf } from '../../core/errors.ts';
import { parseFrequency } from '../../core/frequency.ts';
import { parseInstant } from '../../core/instant.ts';
import { timeZone } from '../../core/time-zone.ts';

/** What is wrong with a text, or undefined when it is right. */
type Judge = (text: string) => string | undefined;

const judge =
  (read: (text: string) => unknown): Judge =>
  (text) => {
    try {
      read(text);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };

const instant: Judge = (text) =>
  Number.isNaN(parseInstant(text))
    ? `"${text}" is no time: write ISO 8601 with a zone, such as 2001-05-15T00:00:00Z`
    : undefined;

/** Formats of texts in the configuration, each with a judge that says what to write instead. */
export const FORMATS: Readonly<Record<string, Judge>> = {
  duration: judge(parseDurationMs),
  frequency: judge((text) => parseFrequency(text)),
  'time-zone': judge((text) => timeZone(text)),
  instant,
  'instant-or-now': (text) => (text === 'now' ? undefined : instant(text)),
};
