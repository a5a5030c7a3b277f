import { after, type Offset } from '../log/offset.ts';
import type { GroupOffset, OutgoingRecord } from '../log/log.ts';
import { deadLetterTopicName } from '../schemas/topics.ts';
import { ATTEMPTS_HEADER, isWithoutBytes } from '../streams/dead-letter-sink.ts';
import type { OpenedLog } from './opened-log.ts';
import { bytesOf, plainLetters, type FoundLetter, type PlainLetter } from './plain-letters.ts';
import { retryGroup, sentLetters } from './sent-letters.ts';

export interface RetryOptions {
  /** The topic that the letters came from, and go to. */
  readonly source: string;
  /** Only these; all when it is left out. */
  readonly reason?: string | undefined;
  readonly application: string;
  readonly signal: AbortSignal;
}

export interface Retried {
  readonly sent: number;
  /** Letters whose bytes were too large to be kept. */
  readonly withoutBytes: number;
  /** Letters of records that went already: each stream that refuses a record writes one. */
  readonly repeated: number;
}

/** Records of one transaction: a crash in between sends none of them twice. */
const LETTERS_PER_COMMIT = 500;

const recordOf = (letter: PlainLetter, topic: string): OutgoingRecord => ({
  topic,
  partition: letter.origin.partition,
  key: bytesOf(letter.key),
  value: bytesOf(letter.value),
  headers: { [ATTEMPTS_HEADER]: String(letter.attempts + 1) },
});

/** What has been read of the letters and not been committed yet. */
interface Portion {
  readonly records: OutgoingRecord[];
  readonly next: Map<number, Offset>;
}

const emptyPortion = (): Portion => ({ records: [], next: new Map() });

interface Chosen extends FoundLetter {
  /** The record that was refused goes or went with another letter. */
  readonly isRepeated: boolean;
}

/** The letters that are to be sent. */
async function* chosen(opened: OpenedLog, options: RetryOptions): AsyncGenerator<Chosen> {
  const { source, reason, application, signal } = options;
  const sent = sentLetters(opened.log, { application, topic: deadLetterTopicName(source) });
  const gone = new Set<string>();
  for await (const found of plainLetters(opened, source, { signal })) {
    const { letter, at } = found;
    const origin = `${letter.origin.partition}/${letter.origin.offset}`;
    if (await sent.has({ ...at, reason: letter.reason })) gone.add(origin);
    else if ((reason ?? letter.reason) === letter.reason) {
      yield { ...found, isRepeated: gone.has(origin) };
      gone.add(origin);
    }
  }
}

/**
 * Sends refused records to their topic and partition again, each with one attempt more, and once
 * however many streams refused it. The position goes into the same transaction, so that a letter is
 * sent once however often this is called or killed.
 */
export const retryDeadLetters = async (
  opened: OpenedLog,
  options: RetryOptions,
): Promise<Retried> => {
  const { source, reason, application } = options;
  const group = retryGroup(application, reason);
  const producer = await opened.log.producer(`${retryGroup(application, undefined)}.${source}`);
  let portion = emptyPortion();
  let sent = 0;
  let [withoutBytes, repeated] = [0, 0];
  const commit = async (): Promise<void> => {
    const transaction = await producer.begin();
    await transaction.send(portion.records);
    const topic = deadLetterTopicName(source);
    const offsets = [...portion.next].map(([partition, next]): GroupOffset => ({
      group,
      topic,
      partition,
      next,
    }));
    await transaction.commitOffsets(offsets);
    await transaction.commit();
    sent += portion.records.length;
    portion = emptyPortion();
  };
  try {
    for await (const { at, letter, isRepeated } of chosen(opened, options)) {
      portion.next.set(at.partition, after(at.offset));
      if (isRepeated) repeated += 1;
      else if (isWithoutBytes(letter)) withoutBytes += 1;
      else portion.records.push(recordOf(letter, source));
      if (portion.records.length >= LETTERS_PER_COMMIT) await commit();
    }
    if (portion.next.size > 0) await commit();
  } finally {
    await producer.close();
  }
  return { sent, withoutBytes, repeated };
};
