import type { Offset } from '../log/offset.ts';
import type { DeadLetter } from '../schemas/dead-letter.ts';
import { plainValues } from '../schemas/plain-value.ts';
import { deadLetterTopicName } from '../schemas/topics.ts';
import type { OpenedLog } from './opened-log.ts';
import { parseFrom, readTopic } from './read-topic.ts';

/** A letter as its topic has it: bytes as base64. */
export type PlainLetter = Omit<DeadLetter, 'key' | 'value'> & {
  readonly key: string | null;
  readonly value: string | null;
};

export interface FoundLetter {
  readonly letter: PlainLetter;
  /** Where it lies among the letters. */
  readonly at: { readonly partition: number; readonly offset: Offset };
}

export interface LettersRead {
  /** As in `topics read`; from the start when it is left out. */
  readonly from?: string | undefined;
  readonly signal: AbortSignal;
}

/** The dead letters of one source. */
export async function* plainLetters(
  { log, registry }: OpenedLog,
  source: string,
  { from = 'start', signal }: LettersRead,
): AsyncGenerator<FoundLetter> {
  const topic = deadLetterTopicName(source);
  const plain = plainValues(registry);
  for await (const record of readTopic(log, {
    topic,
    from: parseFrom(from),
    follow: false,
    signal,
  })) {
    const { type, value } = await plain(record.value);
    const { partition, offset } = record;
    // Its schema says so.
    if (type === 'DeadLetter') yield { letter: value as PlainLetter, at: { partition, offset } };
  }
}

export const bytesOf = (base64: string | null): Buffer | null =>
  base64 === null ? null : Buffer.from(base64, 'base64');
