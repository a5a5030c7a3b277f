import type { RowChunk, RowPlace } from './row-places.ts';

/**
 * The state of one key: fixed bytes in a chunk that many rows share. One object a row and no view
 * of its own: a task has several rows for each of its series, and the collector looks at them all.
 */
export class SlabRow implements RowPlace {
  readonly key: string;
  readonly chunk: RowChunk;
  /** First byte in the chunk, a multiple of 8. */
  readonly at: number;
  private readonly layout: RowLayout;

  constructor(key: string, { chunk, at }: RowPlace, layout: RowLayout) {
    this.key = key;
    this.chunk = chunk;
    this.at = at;
    this.layout = layout;
  }

  /** Index of its first word in `chunk.f64`; twice that in `chunk.f32`. */
  get word(): number {
    return this.at / 8;
  }

  /** A new view of its words. */
  get f64(): Float64Array {
    return this.chunk.f64.subarray(this.word, this.word + this.layout.rowBytes / 8);
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
