import { sha256Of } from '../core/sha256.ts';
import type { LogRecord } from '../log/log.ts';
import type { DeadLetter } from '../schemas/dead-letter.ts';
import type { Serde } from '../schemas/serde.ts';
import { deadLetterTopicName } from '../schemas/topics.ts';
import type { Outbox } from './batch.ts';
import { StreamError } from './errors.ts';

/**
 * A larger value or key is not carried along: its digest and origin are enough to find it again.
 */
const KEPT_BYTES_MAX = 1 << 20;

/** A stack and a cause; whatever a message quotes beyond this is in the value itself. */
const DETAIL_CHARACTERS_MAX = 4_000;

/** Says on a record that was sent again how often that was. */
export const ATTEMPTS_HEADER = 'tidecast-attempts';

/** The greatest count that fits the schema's int. */
const ATTEMPTS_MAX = 2 ** 31 - 1;

export interface Refusal {
  readonly reason: string;
  readonly detail: string;
}

/**
 * Puts a record that cannot be used beside the results of its neighbours, so that nothing is lost.
 */
export type DeadLetterSink = (outbox: Outbox, record: LogRecord, refusal: Refusal) => void;

export interface DeadLetterOptions {
  readonly topology: string;
  readonly version: string;
  /** By source topic; a source without one has no records that can be refused. */
  readonly serdes: ReadonlyMap<string, Serde<DeadLetter>>;
}

const digest = (bytes: Buffer): string => `sha256 ${sha256Of(bytes)}, ${bytes.length} bytes`;

const fits = (bytes: Buffer | null): boolean => bytes === null || bytes.length <= KEPT_BYTES_MAX;

/** Only this tells a value that is too large from a tombstone. */
const VALUE_NOT_KEPT = 'value not kept: ';

/** Whether the bytes of a refused record were too large to be kept, so that none can be sent. */
export const isWithoutBytes = (letter: {
  readonly value: unknown;
  readonly detail: string;
}): boolean => letter.value === null && letter.detail.includes(VALUE_NOT_KEPT);

const detailOf = ({ key, value }: LogRecord, detail: string): string => {
  const notes = [detail.slice(0, DETAIL_CHARACTERS_MAX)];
  if (key !== null && !fits(key)) notes.push(`key not kept: ${digest(key)}`);
  if (value !== null && !fits(value)) notes.push(`${VALUE_NOT_KEPT}${digest(value)}`);
  return notes.join('; ');
};

/** Anyone may write headers: what is no count counts as none. */
const attemptsOf = ({ headers }: LogRecord): number => {
  const attempts = Number(headers[ATTEMPTS_HEADER] ?? 0);
  return Number.isInteger(attempts) && attempts >= 0 && attempts <= ATTEMPTS_MAX ? attempts : 0;
};

const undeclared = ({ topic, partition, offset }: LogRecord, refusal: Refusal): StreamError =>
  new StreamError(
    'TASK_RECORD_UNREADABLE',
    `${topic}/${partition} offset ${offset} cannot be used (${refusal.reason}: ` +
      `${refusal.detail.slice(0, DETAIL_CHARACTERS_MAX)}), and ${topic} has no dead letters; ` +
      'start the version that wrote it',
  );

export const deadLetterSink =
  ({ topology, version, serdes }: DeadLetterOptions): DeadLetterSink =>
  (outbox, record, { reason, detail }) => {
    const { topic, partition, offset } = record;
    const serde = serdes.get(topic);
    if (serde === undefined) throw undeclared(record, { reason, detail });
    const key = fits(record.key) ? record.key : null;
    const letter: DeadLetter = {
      origin: { topic, partition, offset },
      key,
      value: fits(record.value) ? record.value : null,
      reason,
      detail: detailOf(record, detail),
      topology,
      version,
      attempts: attemptsOf(record),
    };
    outbox.records.of(deadLetterTopicName(topic), partition).add({
      key,
      value: serde.encode(letter),
    });
    outbox.refusals.push(reason);
  };
