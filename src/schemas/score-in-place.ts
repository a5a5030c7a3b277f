// Hot file: indices are in range by construction (a block's count was checked against the bytes
// that are left), so reads are narrowed with `as number`.
import {
  readBlock,
  readBranch,
  readDouble,
  readDoubles,
  readFloat,
  readFloats,
  readInt,
  readLong,
  readSymbol,
  readText,
} from './avro-readers.ts';
import type { ModelRef } from './forecast.ts';
import type { Score, ScoredStep } from './score.ts';
import type { ByteSource, ValueType } from './serde.ts';
import { scoreType } from './value-types.ts';

type Scratch<T> = { -readonly [Key in keyof T]: T[Key] };

const ROLES: readonly ModelRef['role'][] = ['champion', 'shadow', 'fallback'];
/** A step, its mean, three empty arrays and its scale. */
const STEP_BYTES_MIN = 16;

const NO_FLOATS = new Float32Array(0);
const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** Floats into memory that fits, or into new one where it does not. */
const floatsInto = (from: ByteSource, kept: Float32Array): Float32Array => {
  const { bytes, position } = from;
  const count = readBlock(from, 4);
  if (count !== kept.length) {
    from.position = position;
    return readFloats(from);
  }
  let at = from.position;
  for (let index = 0; index < count; index += 1) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    bits[0] = low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    kept[index] = float[0] as number;
    at += 4;
  }
  from.position = at;
  if (count === 0 || readBlock(from, 4) === 0) return kept;
  from.position = position;
  return readFloats(from);
};

/** What neighbouring scores share, and its bytes. */
interface Common {
  readonly bytes: Buffer;
  readonly model: ModelRef;
  readonly levels: Float64Array;
  readonly naiveNames: readonly string[];
}

/** One score in memory of its own, which the next one overwrites. */
class ScoreInPlace {
  private readonly pool: Scratch<ScoredStep>[] = [];
  private readonly steps: ScoredStep[] = [];
  private common: Common | undefined;

  decode(from: ByteSource): Score {
    const seriesId = readText(from);
    const target = readLong(from);
    const actual = readDouble(from);
    const revision = readInt(from);
    const supersededActual = readBranch(from) === 0 ? null : readDouble(from);
    const { model, levels, naiveNames } = this.commonOf(from);
    const head = { seriesId, target, actual, revision, supersededActual };
    return { ...head, model, levels, naiveNames, steps: this.stepsOf(from) };
  }

  /** Finding that they are the same costs less than making them, and leaves nothing to collect. */
  private commonOf(from: ByteSource): Common {
    const { common } = this;
    const { bytes, position } = from;
    if (common !== undefined) {
      const end = position + common.bytes.length;
      if (
        end <= bytes.length &&
        bytes.compare(common.bytes, 0, end - position, position, end) === 0
      ) {
        from.position = end;
        return common;
      }
    }
    const model: ModelRef = {
      name: readText(from),
      version: readText(from),
      sha256: readText(from),
      role: readSymbol(from, ROLES),
    };
    const levels = readDoubles(from);
    const naiveNames: string[] = [];
    for (let count = readBlock(from, 1); count > 0; count = readBlock(from, 1)) {
      for (let left = count; left > 0; left -= 1) naiveNames.push(readText(from));
    }
    const own = Buffer.from(bytes.subarray(position, from.position));
    this.common = { bytes: own, model, levels, naiveNames };
    return this.common;
  }

  private stepsOf(from: ByteSource): readonly ScoredStep[] {
    const { pool, steps } = this;
    steps.length = 0;
    for (let count = readBlock(from, STEP_BYTES_MIN); count > 0;) {
      for (let left = count; left > 0; left -= 1) {
        const scratch = (pool[steps.length] ??= emptyStep());
        scratch.step = readInt(from);
        scratch.mean = readDouble(from);
        scratch.lower = floatsInto(from, scratch.lower);
        scratch.upper = floatsInto(from, scratch.upper);
        scratch.naive = floatsInto(from, scratch.naive);
        scratch.scale = readFloat(from);
        steps.push(scratch);
      }
      count = readBlock(from, STEP_BYTES_MIN);
    }
    return steps;
  }
}

const emptyStep = (): Scratch<ScoredStep> => ({
  ...{ step: 0, mean: 0, scale: 0 },
  ...{ lower: NO_FLOATS, upper: NO_FLOATS, naive: NO_FLOATS },
});

/**
 * Scores that are looked at one after the other: each is decoded over the one before, since the
 * steps of a score would be a hundred objects. Model, levels and names are the same objects as long
 * as their bytes are.
 */
export const scoreInPlaceType = (): ValueType<Score> => {
  const place = new ScoreInPlace();
  return { ...scoreType, decode: (from) => place.decode(from) };
};
