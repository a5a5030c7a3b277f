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
import { ScoreWriter } from './score-writer.ts';
import { scoreType } from './value-types.ts';

type Scratch<T> = { -readonly [Key in keyof T]: T[Key] };

const ROLES: readonly ModelRef['role'][] = ['champion', 'shadow', 'fallback'];
/** A step, its mean, three empty arrays and its scale. */
const STEP_BYTES_MIN = 16;

/** Varints of one byte: steps, and lengths of arrays, as nearly all are. */
const SHORT_MAX = 63;
/** A block's length and the end of the array, around its floats. */
const blockBytes = (count: number): number => (count === 0 ? 1 : count * 4 + 2);

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
  private view: DataView = new DataView(NO_FLOATS.buffer);

  decode(from: ByteSource): Score {
    const seriesId = readText(from);
    const target = readLong(from);
    const actual = readDouble(from);
    const revision = readInt(from);
    const supersededActual = readBranch(from) === 0 ? null : readDouble(from);
    const { model, levels, naiveNames } = this.commonOf(from);
    const steps = this.stepsOf(from, levels.length, naiveNames.length);
    // One literal: spreading takes longer than all that was read.
    // prettier-ignore
    return {
      seriesId, target, actual, revision, supersededActual, model, levels, naiveNames, steps,
    };
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

  /** Steps as they nearly always are, else by the general readers. */
  private stepsOf(from: ByteSource, levels: number, names: number): readonly ScoredStep[] {
    const { position } = from;
    if (levels <= SHORT_MAX && names <= SHORT_MAX && this.readAlike(from, levels, names)) {
      return this.steps;
    }
    from.position = position;
    return this.readAny(from);
  }

  /**
   * Reads steps that all have the same length, at offsets that follow from it: one block of them,
   * each with a bound a level and a value a name. false: they are otherwise.
   */
  private readAlike(from: ByteSource, levels: number, names: number): boolean {
    const { steps } = this;
    const count = readBlock(from, STEP_BYTES_MIN);
    const size = 13 + 2 * blockBytes(levels) + blockBytes(names);
    const { bytes, position } = from;
    if (count === 0 || position + count * size >= bytes.length) return false;
    const view = this.viewOf(bytes);
    const begin = bytes.byteOffset + position;
    const end = begin + count * size;
    steps.length = 0;
    for (let at = begin; at < end; at += size) {
      const scratch = this.scratchOf(steps.length, levels, names);
      if (!readStepAt(view, at, scratch)) return false;
      steps.push(scratch);
    }
    from.position = position + count * size + 1;
    return view.getUint8(end) === 0;
  }

  private scratchOf(index: number, levels: number, names: number): Scratch<ScoredStep> {
    const scratch = (this.pool[index] ??= emptyStep());
    if (scratch.lower.length !== levels) scratch.lower = new Float32Array(levels);
    if (scratch.upper.length !== levels) scratch.upper = new Float32Array(levels);
    if (scratch.naive.length !== names) scratch.naive = new Float32Array(names);
    return scratch;
  }

  /** Values that were read at once lie in the same memory. */
  private viewOf({ buffer }: Buffer): DataView {
    if (this.view.buffer !== buffer) this.view = new DataView(buffer);
    return this.view;
  }

  private readAny(from: ByteSource): readonly ScoredStep[] {
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

/** Reads one block of exactly so many floats; false: something else is there. */
const readFloatsAt = (view: DataView, at: number, into: Float32Array): boolean => {
  const { length } = into;
  if (view.getUint8(at) !== 2 * length) return false;
  if (length === 0) return true;
  for (let index = 0; index < length; index += 1) {
    into[index] = view.getFloat32(at + 1 + index * 4, true);
  }
  return view.getUint8(at + 1 + length * 4) === 0;
};

/** Reads a step by the lengths of its scratch; false: it is otherwise. */
const readStepAt = (view: DataView, begin: number, scratch: Scratch<ScoredStep>): boolean => {
  const { lower, upper, naive } = scratch;
  const zigzag = view.getUint8(begin);
  if (zigzag > 2 * SHORT_MAX || (zigzag & 1) === 1) return false;
  scratch.step = zigzag >>> 1;
  scratch.mean = view.getFloat64(begin + 1, true);
  let at = begin + 9;
  if (!readFloatsAt(view, at, lower)) return false;
  at += blockBytes(lower.length);
  if (!readFloatsAt(view, at, upper)) return false;
  at += blockBytes(upper.length);
  if (!readFloatsAt(view, at, naive)) return false;
  scratch.scale = view.getFloat32(at + blockBytes(naive.length), true);
  return true;
};

/** NaN, so that these fields are doubles from the first: other fields box each number they get. */
const emptyStep = (): Scratch<ScoredStep> => ({
  step: 0,
  mean: Number.NaN,
  lower: NO_FLOATS,
  upper: NO_FLOATS,
  naive: NO_FLOATS,
  scale: Number.NaN,
});

/**
 * Scores that are written and looked at one after the other, with what neighbours share done once.
 * Each is decoded over the one before, since the steps of a score would be a hundred objects;
 * model, levels and names are the same objects as long as their bytes are.
 */
export const scoreInPlaceType = (): ValueType<Score> => {
  const place = new ScoreInPlace();
  const writer = new ScoreWriter();
  return {
    ...scoreType,
    encode: (score, to) => {
      writer.write(score, to);
    },
    decode: (from) => place.decode(from),
  };
};
