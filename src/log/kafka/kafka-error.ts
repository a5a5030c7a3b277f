import errors from 'kafkajs/src/protocol/error.js';
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

/** By the library's names of what never came to Kafka. */
const CODES_BY_NAME: Readonly<Record<string, LogErrorCode>> = {
  KafkaJSServerDoesNotSupportApiKey: 'LOG_REFUSED',
};

/**
 * What is not to be repeated as it is, and yet over once a producer is opened, a group joined or a
 * broker found anew; and what the library has no name for, which may be.
 */
const OVER_ANEW: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'KAFKAJS_UNKNOWN_ERROR_CODE',
  'BROKER_NOT_AVAILABLE',
  'STALE_CONTROLLER_EPOCH',
  'STALE_BROKER_EPOCH',
  'LOG_DIR_NOT_FOUND',
  'REASSIGNMENT_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'MEMBER_ID_REQUIRED',
  'FENCED_INSTANCE_ID',
  'REBALANCE_IN_PROGRESS',
  'GROUP_MAX_SIZE_REACHED',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'TRANSACTION_COORDINATOR_FENCED',
  'OPERATION_NOT_ATTEMPTED',
]);

const RIGHTS = '; grant the user what docs/security.md lists';

/** What to do, by Kafka's names. */
const ADVICE: Readonly<Record<string, string>> = {
  INVALID_SESSION_TIMEOUT:
    '; set kafka.sessionTimeoutMs to something between group.min.session.timeout.ms and ' +
    'group.max.session.timeout.ms of the brokers',
  INCONSISTENT_GROUP_PROTOCOL:
    '; consumers that are no tidecast have taken its name: stop them, or set another `application`',
  INVALID_TRANSACTION_TIMEOUT: '; raise transaction.max.timeout.ms of the brokers',
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

const isFenced = (error: Error): boolean =>
  kafkaTypeOf(error) === 'KAFKAJS_UNKNOWN_ERROR_CODE' && FENCED_NUMBERS.test(error.message);

/** What repeating it would not change. */
const isRefusal = (error: Error): boolean => {
  const type = kafkaTypeOf(error);
  const isFinal = 'retriable' in error && error.retriable === false;
  return type !== '' && isFinal && !OVER_ANEW.has(type);
};

const codeOf = (error: Error): LogErrorCode => {
  if (isFenced(error)) return 'LOG_FENCED';
  const known = CODES[kafkaTypeOf(error)] ?? CODES_BY_NAME[error.name];
  return known ?? (isRefusal(error) ? 'LOG_REFUSED' : 'LOG_UNREACHABLE');
};

const isOfLibrary = (error: Error): boolean =>
  kafkaTypeOf(error) !== '' || error.name.startsWith('KafkaJS');

/** An error of the library as one of the log; one of our own stays what it is, a bug. */
export const logErrorOf = (error: unknown, doing: string): Error => {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!isOfLibrary(error)) return error;
  const code = codeOf(error);
  const { message: said } = error;
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
