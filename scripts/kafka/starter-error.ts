/** What whoever starts Kafka can mend; the message says how. */
export class StarterError extends Error {
  override readonly name = 'StarterError';
}
