import errors from 'kafkajs/src/protocol/error.js';
import { messageOf } from '../../core/errors.ts';
import { LogError, type LogErrorCode } from '../errors.ts';

/** By Kafka's own names of what it refuses. */
const CODES: Readonly<Record<string, LogErrorCode>> = {
  INVALID_PRODUCER_EPOCH: 'LOG_FENCED',
  INVALID_PRODUCER_ID_MAPPING: 'LOG_FENCED',
  INVALID_TXN_STATE: 'LOG_FENCED',
  UNKNOWN_TOPIC_OR_PARTITION: 'LOG_UNKNOWN_TOPIC',
  OFFSET_OUT_OF_RANGE: 'LOG_OFFSET_OUT_OF_RANGE',
  MESSAGE_TOO_LARGE: 'LOG_RECORD_TOO_LARGE',
  TOPIC_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  GROUP_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  CLUSTER_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'LOG_UNAUTHORIZED',
  INVALID_SESSION_TIMEOUT: 'LOG_GROUP_REFUSED',
  INCONSISTENT_GROUP_PROTOCOL: 'LOG_GROUP_REFUSED',
};

const RIGHTS = '; grant the user what docs/security.md lists';

/** What to do, by Kafka's names. */
const ADVICE: Readonly<Record<string, string>> = {
  INVALID_SESSION_TIMEOUT:
    '; set kafka.sessionTimeoutMs to something between group.min.session.timeout.ms and ' +
    'group.max.session.timeout.ms of the brokers',
  INCONSISTENT_GROUP_PROTOCOL:
    '; consumers that are no tidecast have taken its name: stop them, or set another `application`',
};

const RETRIABLE: ReadonlySet<LogErrorCode> = new Set(['LOG_FENCED', 'LOG_UNREACHABLE']);

/**
 * So says a leader that has not heard yet of what others list. Nobody is asked for what nobody
 * lists: that is `LOG_UNKNOWN_TOPIC` too, and final.
 */
const HEARD_LATE = 'UNKNOWN_TOPIC_OR_PARTITION';

/** Newer than the library: it knows their numbers only. */
const FENCED_NUMBERS = /\b(90|103)\b/;

/** The library's error for a number of Kafka's. */
export const errorOf = (code: number): Error => errors.createErrorFromCode(code);

/** What Kafka calls an error; empty for what never reached it. */
export const kafkaTypeOf = (error: unknown): string =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : '';

const codeOf = (error: unknown): LogErrorCode => {
  const type = kafkaTypeOf(error);
  const isFenced =
    type === 'KAFKAJS_UNKNOWN_ERROR_CODE' &&
    error instanceof Error &&
    FENCED_NUMBERS.test(error.message);
  return isFenced ? 'LOG_FENCED' : (CODES[type] ?? 'LOG_UNREACHABLE');
};

/** An error of the library as one of the log. */
export const logErrorOf = (error: unknown, doing: string): LogError => {
  if (error instanceof LogError) return error;
  const code = codeOf(error);
  const said = messageOf(error);
  const advice = code === 'LOG_UNAUTHORIZED' ? RIGHTS : (ADVICE[kafkaTypeOf(error)] ?? '');
  return new LogError(code, `${doing}: ${said}${advice}`, {
    cause: error,
    retriable: RETRIABLE.has(code) || kafkaTypeOf(error) === HEARD_LATE,
  });
};

/** Runs it, and lets nothing of the library escape. */
export const asLogError = async <T>(doing: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw logErrorOf(error, doing);
  }
};
