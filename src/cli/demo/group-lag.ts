import type { Log } from '../../log/log.ts';

/** How many offsets of a topic a group has not come to yet. */
export const groupLag = async (log: Log, group: string, topic: string): Promise<number> => {
  const positions = await log.groupOffsets(group);
  const [state] = await log.offsetsOf([topic]);
  let lag = 0;
  for (const [partition, { start, stableEnd }] of (state?.offsets ?? []).entries()) {
    const position = positions.find((at) => at.topic === topic && at.partition === partition);
    lag += stableEnd - (position?.next ?? start);
  }
  return lag;
};
