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
import { emptyColumns, type ColumnarScore, type StepColumns } from './columnar-score.ts';
import { MODEL_ROLES, type ModelRef } from './forecast.ts';
import type { ByteSource, ValueType } from './serde.ts';
import { ScoreWriter } from './score-writer.ts';
import { scoreType } from './value-types.ts';

/** A step, its mean, three empty arrays and its scale. */
const STEP_BYTES_MIN = 16;

/** Of one column: hundreds of steps at dozens of levels. A few bytes must not claim gigabytes. */
const NUMBERS_MAX = 1 << 20;

/** Varints of one byte: steps, and lengths of arrays, as nearly all are. */
const SHORT_MAX = 63;
/** A block's length and the end of the array, around its floats. */
const blockBytes = (count: number): number => (count === 0 ? 1 : count * 4 + 2);

type Scratch<T> = { -readonly [Key in keyof T]: T[Key] };

/** What neighbouring scores share, and its bytes. */
interface Common {
  readonly bytes: Buffer;
  readonly model: ModelRef;
  readonly levels: Float64Array;
  readonly naiveNames: readonly string[];
}

/** One score in memory of its own, which the next one overwrites. */
class ScoreReader {
  private shape = { capacity: 0, levels: 0, names: 0 };
  private columns = emptyColumns(this.shape);
  private common: Common | undefined;
  private view: DataView = new DataView(new ArrayBuffer(0));

  decode(from: ByteSource): ColumnarScore {
    const seriesId = readText(from);
    const target = readLong(from);
    const actual = readDouble(from);
    const revision = readInt(from);
    const supersededActual = readBranch(from) === 0 ? null : readDouble(from);
    const { model, levels, naiveNames } = this.commonOf(from);
    this.readSteps(from, levels.length, naiveNames.length);
    const steps = this.columns;
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
      role: readSymbol(from, MODEL_ROLES),
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
  private readSteps(from: ByteSource, levels: number, names: number): void {
    const { position } = from;
    const count = readBlock(from, STEP_BYTES_MIN);
    this.makeRoom(count, levels, names);
    this.columns.count = 0;
    if (levels <= SHORT_MAX && names <= SHORT_MAX && this.readAlike(from, count)) return;
    from.position = position;
    this.readAny(from);
  }

  private makeRoom(count: number, levels: number, names: number): void {
    const { shape } = this;
    if (shape.levels === levels && shape.names === names && shape.capacity >= count) return;
    if (count * Math.max(levels, names) > NUMBERS_MAX) {
      throw new RangeError(`a score says ${count} steps at ${levels} levels, too many to be one`);
    }
    const kept = this.columns;
    this.shape = { capacity: Math.max(count, 2 * kept.count), levels, names };
    this.columns = emptyColumns(this.shape);
    if (shape.levels === levels && shape.names === names) keep(kept, this.columns);
  }

  /**
   * Reads one block of steps that all have the same length, at offsets that follow from it: a bound
   * a level and a value a name. false: they are otherwise.
   */
  private readAlike(from: ByteSource, count: number): boolean {
    const { columns, shape } = this;
    const { levels, names } = shape;
    const size = 13 + 2 * blockBytes(levels) + blockBytes(names);
    const { bytes, position } = from;
    if (count === 0 || position + count * size >= bytes.length) return false;
    const view = this.viewOf(bytes);
    const begin = bytes.byteOffset + position;
    for (let index = 0; index < count; index += 1) {
      const at = begin + index * size;
      const zigzag = view.getUint8(at);
      if (zigzag > 2 * SHORT_MAX || (zigzag & 1) === 1) return false;
      columns.steps[index] = zigzag >>> 1;
      columns.means[index] = view.getFloat64(at + 1, true);
      const upperAt = at + 9 + blockBytes(levels);
      const naiveAt = upperAt + blockBytes(levels);
      if (!readFloatsAt(view, at + 9, columns.lower, index * levels, levels)) return false;
      if (!readFloatsAt(view, upperAt, columns.upper, index * levels, levels)) return false;
      if (!readFloatsAt(view, naiveAt, columns.naive, index * names, names)) return false;
      columns.scales[index] = view.getFloat32(naiveAt + blockBytes(names), true);
    }
    columns.count = count;
    from.position = position + count * size + 1;
    return view.getUint8(begin + count * size) === 0;
  }

  /** Values that were read at once lie in the same memory. */
  private viewOf({ buffer }: Buffer): DataView {
    if (this.view.buffer !== buffer) this.view = new DataView(buffer);
    return this.view;
  }

  private readAny(from: ByteSource): void {
    const { levels, names } = this.shape;
    let index = 0;
    for (let count = readBlock(from, STEP_BYTES_MIN); count > 0;) {
      this.columns.count = index;
      this.makeRoom(index + count, levels, names);
      const { columns } = this;
      for (let left = count; left > 0; left -= 1) {
        columns.steps[index] = readInt(from);
        columns.means[index] = readDouble(from);
        fit(readFloats(from), columns.lower, index * levels, levels);
        fit(readFloats(from), columns.upper, index * levels, levels);
        fit(readFloats(from), columns.naive, index * names, names);
        columns.scales[index] = readFloat(from);
        index += 1;
      }
      count = readBlock(from, STEP_BYTES_MIN);
    }
    this.columns.count = index;
  }
}

const keep = (from: StepColumns, to: Scratch<StepColumns>): void => {
  to.count = from.count;
  to.steps.set(from.steps);
  to.means.set(from.means);
  to.lower.set(from.lower);
  to.upper.set(from.upper);
  to.naive.set(from.naive);
  to.scales.set(from.scales);
};

/* eslint max-params: ["error", 5] -- an object an array would be garbage */

/** What a step lacks is unknown; what it has too much is nobody's. */
const fit = (said: Float32Array, into: Float32Array, from: number, count: number): void => {
  for (let index = 0; index < count; index += 1) into[from + index] = said[index] ?? Number.NaN;
};

/** Reads one block of exactly so many floats; false: something else is there. */
const readFloatsAt = (
  view: DataView,
  at: number,
  into: Float32Array,
  from: number,
  count: number,
): boolean => {
  if (view.getUint8(at) !== 2 * count) return false;
  if (count === 0) return true;
  for (let index = 0; index < count; index += 1) {
    into[from + index] = view.getFloat32(at + 1 + index * 4, true);
  }
  return view.getUint8(at + 1 + count * 4) === 0;
};

/**
 * Scores that are written and looked at one after the other, with what neighbours share done once.
 * Each is decoded over the one before; model, levels and names are the same objects as long as
 * their bytes are.
 */
export const columnarScoreType = (): ValueType<ColumnarScore> => {
  const reader = new ScoreReader();
  const writer = new ScoreWriter();
  return {
    name: scoreType.name,
    schema: scoreType.schema,
    encode: (score, to) => {
      writer.write(score, to);
    },
    decode: (from) => reader.decode(from),
  };
};
