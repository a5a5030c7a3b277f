import type { RowChunk, RowPlace } from './row-places.ts';

/**
 * The state of one key: fixed bytes in a chunk that many rows share. One object a row and no view
 * of its own, but where somebody asks for one: a task has several rows for each of its series, and
 * the collector looks at them all.
 */
export class SlabRow implements RowPlace {
  readonly key: string;
  readonly chunk: RowChunk;
  /** First byte in the chunk, a multiple of 8. */
  readonly at: number;
  private readonly layout: RowLayout;
  private ownF64: Float64Array | undefined = undefined;
  private ownF32: Float32Array | undefined = undefined;

  constructor(key: string, { chunk, at }: RowPlace, layout: RowLayout) {
    this.key = key;
    this.chunk = chunk;
    this.at = at;
    this.layout = layout;
  }

  /** Index of its first word in `chunk.f64`. */
  get word(): number {
    return this.at / 8;
  }

  /** Its words alone; the view is made when it is asked for, and kept. */
  get f64(): Float64Array {
    const { chunk, word } = this;
    this.ownF64 ??= chunk.f64.subarray(word, word + this.layout.rowBytes / 8);
    return this.ownF64;
  }

  /** Likewise, as float32. */
  get f32(): Float32Array {
    const from = this.at / 4;
    this.ownF32 ??= this.chunk.f32.subarray(from, from + this.layout.rowBytes / 4);
    return this.ownF32;
  }

  /** A new view of its bytes. */
  get bytes(): Uint8Array {
    return this.chunk.bytes.subarray(this.at, this.at + this.layout.rowBytes);
  }
}

/** What all rows of a store have in common. */
export interface RowLayout {
  readonly rowBytes: number;
}
