import type { Log, LogRecord, PollLimits, Polled } from './log.ts';
import type { Offset } from './offset.ts';

export interface Between extends Pick<LogRecord, 'topic' | 'partition'> {
  /** No earlier than what retention left. */
  readonly from: Offset;
  readonly to: number;
}

/**
 * The polls that cover the offsets [from, to) of a partition; the last one may reach beyond. Ends
 * before, where the log has no more.
 */
export async function* readBetween(
  log: Log,
  { topic, partition, from, to }: Between,
  limits: PollLimits,
): AsyncGenerator<Polled> {
  const reader = log.reader(topic, partition, from);
  try {
    for (let next = from; next < to;) {
      const polled = await reader.poll(limits);
      if (polled.next === next) return;
      yield polled;
      ({ next } = polled);
    }
  } finally {
    reader.close();
  }
}
