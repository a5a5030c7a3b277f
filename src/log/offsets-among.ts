import type { TopicOffsets, TopicState } from './log.ts';

/** Of all topics the offsets of some; one that is not there is left out. */
export const offsetsAmong = (
  topics: readonly TopicState[],
  names: readonly string[],
): readonly TopicOffsets[] => {
  const wanted = new Set(names);
  return topics
    .filter(({ definition }) => wanted.has(definition.name))
    .map(({ definition, offsets }) => ({ topic: definition.name, offsets }));
};
