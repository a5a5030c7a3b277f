import { setTimeout as wait } from 'node:timers/promises';
import type { Log, TopicOffsets } from '../log/log.ts';

/** Up to where a source is to be read. */
export interface SourceEnd {
  readonly topic: string;
  readonly partition: number;
  readonly end: number;
}

/** How long it is waited for transactions that are about to end, and no longer: others may not. */
const SETTLE_MS = 2_000;
const SETTLE_LOOK_MS = 50;

const endsOf = ({ topic, offsets }: TopicOffsets): readonly SourceEnd[] =>
  offsets.map(({ stableEnd }, partition) => ({ topic, partition, end: stableEnd }));

/**
 * The ends that topics have now. A broker acknowledges a commit before its marks are written: what
 * somebody produced just before must not be left out.
 */
export const sourceEnds = async (
  log: Pick<Log, 'offsetsOf'>,
  names: readonly string[],
): Promise<readonly SourceEnd[]> => {
  for (let waitedMs = 0; ; waitedMs += SETTLE_LOOK_MS) {
    const topics = await log.offsetsOf(names);
    const isSettled = topics.every(({ offsets }) =>
      offsets.every(({ stableEnd, end }) => stableEnd === end),
    );
    if (isSettled || waitedMs >= SETTLE_MS) return topics.flatMap(endsOf);
    await wait(SETTLE_LOOK_MS);
  }
};
