import { LogError } from '../errors.ts';
import { kafkaTypeOf, logErrorOf } from './kafka-error.ts';

/** What to do about a refusal, by Kafka's own name of it. */
const HINTS: Readonly<Record<string, string>> = {
  INVALID_REPLICATION_FACTOR:
    'there are fewer brokers than replicas; write `kafka.replicas` in the configuration',
  POLICY_VIOLATION: 'a policy of the brokers forbids it; ask who runs them',
  TOPIC_AUTHORIZATION_FAILED:
    'this user may not; let one who may call `tidecast topics create`, and write ' +
    '`kafka.createTopics: false`',
};

/** Of several topics the library says what went wrong with each. */
const partsOf = (error: unknown): readonly unknown[] =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors)
    ? (error.errors as readonly unknown[])
    : [error];

const topicOf = (error: unknown): string =>
  error instanceof Error && 'topic' in error ? String(error.topic) : 'a topic';

/**
 * What brokers refuse of topics that were to be made; undefined when they only say that another
 * process was first, and the error itself when it is no refusal.
 */
export const topicRefusal = (error: unknown): Error | undefined => {
  const part = partsOf(error).find((one) => kafkaTypeOf(one) !== 'TOPIC_ALREADY_EXISTS');
  if (part === undefined) return undefined;
  const type = kafkaTypeOf(part).replace(/^CLUSTER_AUTH/, 'TOPIC_AUTH');
  const hint = HINTS[type];
  if (hint === undefined) return logErrorOf(part, 'topics cannot be created');
  return new LogError('LOG_TOPIC_REFUSED', `${topicOf(part)} cannot be made: ${hint}`, {
    cause: part,
  });
};
