import { murmur2 } from '../core/murmur2.ts';
import type { Lane } from '../online/follower.ts';

const RADIX = 36;

/** Names a list of lanes, so that offsets of others are not taken for theirs. */
const fingerprint = (lanes: readonly Lane[]): string => {
  const names = lanes.map(({ followed, partition }) => `${followed.topic}/${partition}`).join('\n');
  return (murmur2(Buffer.from(names)) >>> 0).toString(RADIX);
};

/** Offsets of several lanes, each to go on from, as the id of an event: `1a2b3c.0.1f.…`. */
export interface OffsetVector {
  encode(offsets: readonly number[]): string;
  /** Undefined: no id of these lanes. */
  parse(id: string): readonly number[] | undefined;
}

export const offsetVector = (lanes: readonly Lane[]): OffsetVector => {
  const name = fingerprint(lanes);
  return {
    encode: (offsets) => [name, ...offsets.map((next) => next.toString(RADIX))].join('.'),
    parse(id) {
      const [said, ...texts] = id.split('.');
      if (said !== name || texts.length !== lanes.length) return undefined;
      if (!texts.every((text) => /^[0-9a-z]{1,11}$/.test(text))) return undefined;
      const offsets = texts.map((text) => Number.parseInt(text, RADIX));
      return offsets.every(Number.isSafeInteger) ? offsets : undefined;
    },
  };
};
