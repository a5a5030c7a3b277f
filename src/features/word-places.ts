/** Zeroed words from `at` on. */
export interface WordPlace {
  readonly words: Float64Array;
  readonly at: number;
}

/** Hands out memory for what is kept of windows. */
export interface WordPlaces {
  take(size: number): WordPlace;
}

/** Memory of its own for each, for windows that come and go. */
export const ownPlaces: WordPlaces = {
  take: (size) => ({ words: new Float64Array(size), at: 0 }),
};

/** A megabyte: one thing for the collector to look at, where each place by itself would be two. */
const CHUNK_WORDS = 1 << 17;
/** Few to begin with, since most tasks have few series. */
const FIRST_PLACES = 4;

/** Places side by side in a few large chunks, for windows that live as long as these do. */
export class SharedPlaces implements WordPlaces {
  private chunk = new Float64Array(0);
  private used = 0;

  take(size: number): WordPlace {
    if (this.used + size > this.chunk.length) {
      const wanted = Math.min(Math.max(2 * this.chunk.length, FIRST_PLACES * size), CHUNK_WORDS);
      this.chunk = new Float64Array(Math.max(size, wanted));
      this.used = 0;
    }
    const at = this.used;
    this.used += size;
    return { words: this.chunk, at };
  }
}
