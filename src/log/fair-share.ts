/** How many partitions a member should have: balanced within one, earlier members first. */
export const fairShare = (partitions: number, members: number, index: number): number =>
  Math.floor(partitions / members) + (index < partitions % members ? 1 : 0);
