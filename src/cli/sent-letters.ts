import type { Log } from '../log/log.ts';
import type { Offset } from '../log/offset.ts';

/** Which dead letters of a topic have been sent again, by all retries so far. */
export interface SentLetters {
  has(letter: {
    readonly partition: number;
    readonly offset: number;
    readonly reason: string;
  }): Promise<boolean>;
}

/** The group that holds how far retries came: of all letters, or of one reason alone. */
export const retryGroup = (application: string, reason: string | undefined): string =>
  reason === undefined
    ? `${application}.dead-letters.retry`
    : `${application}.dead-letters.retry.${reason}`;

/**
 * A letter is sent once, whether with all others or by its reason. One that is refused again is
 * another letter, with one attempt more.
 */
export const sentLetters = (
  log: Log,
  { application, topic }: { readonly application: string; readonly topic: string },
): SentLetters => {
  const known = new Map<string | undefined, Promise<ReadonlyMap<number, Offset>>>();
  const read = async (reason: string | undefined): Promise<ReadonlyMap<number, Offset>> => {
    const offsets = await log.groupOffsets(retryGroup(application, reason));
    return new Map(
      offsets.filter((at) => at.topic === topic).map(({ partition, next }) => [partition, next]),
    );
  };
  const positions = (reason: string | undefined): Promise<ReadonlyMap<number, Offset>> => {
    const reading = known.get(reason) ?? read(reason);
    known.set(reason, reading);
    return reading;
  };
  return {
    async has({ partition, offset, reason }) {
      for (const group of [undefined, reason]) {
        if (offset < ((await positions(group)).get(partition) ?? 0)) return true;
      }
      return false;
    },
  };
};
