/** Last step of each bucket: 1, a quarter, half, one and two seasons, and the horizon. */
export const calibrationBuckets = (season: number, horizon: number): readonly number[] => {
  const edges = [1, Math.floor(season / 4), Math.floor(season / 2), season, 2 * season];
  const inside = [...new Set(edges)].filter((edge) => edge > 0 && edge < horizon);
  return [...inside.sort((one, other) => one - other), horizon];
};

/** By step, 1..horizon: its bucket. */
export const bucketsOfSteps = (edges: readonly number[]): Int32Array =>
  Int32Array.from({ length: (edges.at(-1) ?? 0) + 1 }, (_, step) =>
    edges.findIndex((edge) => step <= edge),
  );

/**
 * The slots that a panel's errors are told apart by: those of the short season if there is a longer
 * one, else none.
 */
export const intervalSlots = (seasons: readonly number[]): number =>
  seasons.length > 1 ? (seasons[0] ?? 1) : 1;
