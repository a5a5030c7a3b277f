/** What a stream's seasons mean to its features, in periods. */
export interface SeasonPair {
  /** m; 1 where no season is known. */
  readonly short: number;
  /** M, or m where there is no long one: the distance of "the same slot". */
  readonly slot: number;
  /** M, or 4m: the longer of the two spans over which levels are compared. */
  readonly window: number;
  readonly hasLong: boolean;
}

const SHORT_WINDOWS = 4;

export const seasonPair = (seasons: readonly number[]): SeasonPair => {
  const [short = 1, long] = seasons;
  return {
    short,
    slot: long ?? short,
    window: long ?? SHORT_WINDOWS * short,
    hasLong: long !== undefined,
  };
};
