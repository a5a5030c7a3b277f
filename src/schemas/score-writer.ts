// Hot file: indices are below the lengths that loops count to, so reads are narrowed with `as
// number`.
import { Arena } from './arena.ts';
import {
  putDouble,
  putFloat,
  writeByte,
  writeDouble,
  writeDoubles,
  writeInt,
  writeLong,
  writeText,
} from './avro-writers.ts';
import type { ColumnarScore } from './columnar-score.ts';
import { MODEL_ROLES, type ModelRef } from './forecast.ts';
import type { ByteSink } from './serde.ts';

/** Longs below this have one byte, the others ten at most. */
const SHORT = 64;
/** Of a step beside its floats: its number, mean and scale, and of three arrays count and end. */
const STEP_BYTES_MAX = 10 + 8 + 4 + 3 * (10 + 1);

/** What the score before said that this one says too, and the bytes that say it. */
interface Common {
  readonly model: ModelRef;
  readonly levels: Float64Array;
  readonly naiveNames: readonly string[];
  readonly bytes: Uint8Array;
}

const writeCommon = ({ model, levels, naiveNames }: ColumnarScore, to: ByteSink): void => {
  writeText(to, model.name);
  writeText(to, model.version);
  writeText(to, model.sha256);
  writeByte(to, MODEL_ROLES.indexOf(model.role) << 1);
  writeDoubles(to, levels);
  if (naiveNames.length > 0) writeLong(to, naiveNames.length);
  for (const name of naiveNames) writeText(to, name);
  writeByte(to, 0);
};

/** Written and copied at once, so one is enough. */
const arena = new Arena();

const bytesOf = (score: ColumnarScore): Uint8Array => {
  arena.position = 0;
  arena.begin();
  writeCommon(score, arena);
  return Uint8Array.from(arena.take());
};

/** A whole number, most often of one byte; there is room for it. */
const putInt = (to: ByteSink, value: number): void => {
  if (value >= 0 && value < SHORT && Number.isInteger(value)) {
    to.bytes[to.position] = value << 1;
    to.position += 1;
  } else writeInt(to, value);
};

/** One block of floats, if there are any, and the end of the array. There is room for them. */
// eslint-disable-next-line max-params -- an object an array would be garbage
const putFloats = (to: ByteSink, values: Float32Array, from: number, count: number): void => {
  if (count > 0) {
    putInt(to, count);
    const { view } = to;
    let at = to.position;
    for (let index = from; index < from + count; index += 1) {
      putFloat(view, at, values[index] as number);
      at += 4;
    }
    to.position = at;
  }
  to.bytes[to.position] = 0;
  to.position += 1;
};

const writeSteps = ({ levels, naiveNames, steps: said }: ColumnarScore, to: ByteSink): void => {
  const { count, steps, means, lower, upper, naive, scales } = said;
  const [width, names] = [levels.length, naiveNames.length];
  if (count > 0) {
    writeLong(to, count);
    to.reserve(count * (STEP_BYTES_MAX + 4 * (2 * width + names)));
    const { view } = to;
    for (let index = 0; index < count; index += 1) {
      putInt(to, steps[index] as number);
      putDouble(view, to.position, means[index] as number);
      to.position += 8;
      putFloats(to, lower, index * width, width);
      putFloats(to, upper, index * width, width);
      putFloats(to, naive, index * names, names);
      putFloat(view, to.position, scales[index] as number);
      to.position += 4;
    }
  }
  writeByte(to, 0);
};

/**
 * Writes one score after the other, with the same bytes as the generated encoder: what neighbours
 * share is copied, and room for all steps is made at once.
 */
export class ScoreWriter {
  private common: Common | undefined;

  write(score: ColumnarScore, to: ByteSink): void {
    writeText(to, score.seriesId);
    writeLong(to, score.target);
    writeDouble(to, score.actual);
    writeInt(to, score.revision);
    if (score.supersededActual === null) writeByte(to, 0);
    else {
      writeByte(to, 2);
      writeDouble(to, score.supersededActual);
    }
    const { bytes } = this.commonOf(score);
    to.reserve(bytes.length);
    to.bytes.set(bytes, to.position);
    to.position += bytes.length;
    writeSteps(score, to);
  }

  /** By identity: whoever scores hands in the same model, levels and names again. */
  private commonOf(score: ColumnarScore): Common {
    const { common } = this;
    const { model, levels, naiveNames } = score;
    const isSame =
      common?.model === model && common.levels === levels && common.naiveNames === naiveNames;
    return isSame ? common : (this.common = { model, levels, naiveNames, bytes: bytesOf(score) });
  }
}
