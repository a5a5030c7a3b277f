const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;
const SHIFT = 24;

const mixed = (hash: number, word: number): number => {
  let k = Math.imul(word, MIX);
  k ^= k >>> SHIFT;
  return Math.imul(hash, MIX) ^ Math.imul(k, MIX);
};

/**
 * MurmurHash2 with the seed of Kafka's Java client, as a signed 32-bit integer.
 * @see org.apache.kafka.common.utils.Utils.murmur2, github.com/apache/kafka
 */
export const murmur2 = (bytes: Uint8Array): number => {
  const { length } = bytes;
  const whole = length & ~3;
  let hash = SEED ^ length;
  for (let at = 0; at < whole; at += 4) hash = mixed(hash, wordAt(bytes, at, 4));
  if (whole < length) hash = Math.imul(hash ^ wordAt(bytes, whole, length - whole), MIX);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MIX);
  return hash ^ (hash >>> 15);
};

/** Little-endian word of `count` bytes, the missing ones zero. */
const wordAt = (bytes: Uint8Array, at: number, count: number): number => {
  let word = 0;
  for (let index = count - 1; index >= 0; index -= 1) word = (word << 8) | (bytes[at + index] ?? 0);
  return word;
};

/** The partition that Kafka's Java client gives a key: toPositive(murmur2(key)) mod partitions. */
export const partitionOf = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fffffff) % partitions;
