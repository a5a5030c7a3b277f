/** Beyond this many slips two words are no longer taken for each other. */
const SLIPS_MAX = 3;

/**
 * Inserted, left out, replaced and swapped letters between two words (optimal string alignment).
 * @see https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance
 */
const editDistance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  const isSwap = (i: number, j: number): boolean => a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && isSwap(i, j) ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(replaced, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
};

/** Letters alone: `time_zone`, `TimeZone` and `time-zone` are slips of style, not of spelling. */
const plain = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The known word that was probably meant, or undefined when none is near. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const wanted = plain(word);
  const slipsMax = Math.min(SLIPS_MAX, Math.ceil(wanted.length / 3));
  let best: string | undefined;
  let least = slipsMax + 1;
  for (const candidate of known) {
    const slips = editDistance(wanted, plain(candidate));
    if (slips < least) {
      least = slips;
      best = candidate;
    }
  }
  return best;
};

/** ` (did you mean "x"?)`, or nothing. */
export const didYouMean = (word: string, known: readonly string[]): string => {
  const meant = nearest(word, known);
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`;
};

/** How far a name is from what was written; a part of it is nearer than any slip. */
const distance = (wanted: string, candidate: string): number => {
  const [shorter, longer] =
    wanted.length < candidate.length ? [wanted, candidate] : [candidate, wanted];
  const isPart = shorter !== '' && longer.includes(shorter);
  return isPart ? 1 - shorter.length / longer.length : editDistance(wanted, candidate);
};

/** The known names that are nearest to a word, nearest first. */
export const nearestNames = (
  word: string,
  known: readonly string[],
  countMax: number,
): readonly string[] => {
  const wanted = plain(word);
  return known
    .map((name) => ({ name, far: distance(wanted, plain(name)) }))
    .toSorted((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, countMax)
    .map(({ name }) => name);
};
