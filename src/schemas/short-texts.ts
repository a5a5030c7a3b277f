/** A power of two. Each slot holds one text of at most eight bytes, so the table stays small. */
const SLOTS = 4_096;
const HASH_FACTOR = 0x9e3779b1;

/** Undocumented, but what `Buffer.toString` calls after it has looked at its arguments. */
interface NativeSlices {
  utf8Slice(start: number, end: number): string;
}

const texts: string[] = new Array<string>(SLOTS).fill('');
/** The text's bytes and its length, from which the slot follows. */
const lows = new Int32Array(SLOTS);
const highs = new Int32Array(SLOTS);
const lengths = new Int32Array(SLOTS);

/** Up to four bytes as one integer. */
const wordAt = (bytes: Buffer, begin: number, end: number): number => {
  let word = 0;
  for (let at = end - 1; at >= begin; at -= 1) {
    // The caller has the bytes of begin..end.
    word = (word << 8) | (bytes[at] as number);
  }
  return word;
};

/**
 * A text of at most eight bytes. Names, units and short series ids come again and again: finding
 * the one that was made before costs less than making it, and leaves nothing to collect.
 */
export const shortText = (bytes: Buffer, begin: number, length: number): string => {
  const end = begin + length;
  const middle = length > 4 ? begin + 4 : end;
  const low = wordAt(bytes, begin, middle);
  const high = wordAt(bytes, middle, end);
  const mixed = Math.imul(low ^ Math.imul(high + length, HASH_FACTOR), HASH_FACTOR);
  const slot = mixed >>> 20;
  if (lows[slot] === low && highs[slot] === high && lengths[slot] === length) {
    // Every slot holds a text.
    return texts[slot] as string;
  }
  // Every Buffer has it.
  const text = (bytes as Buffer & NativeSlices).utf8Slice(begin, end);
  texts[slot] = text;
  lows[slot] = low;
  highs[slot] = high;
  lengths[slot] = length;
  return text;
};
