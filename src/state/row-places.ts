/** Memory for many rows at once: as much as the collector is glad to hear of as one thing. */
const CHUNK_BYTES = 1 << 20;
/** Few to begin with, since most stores stay small. */
const FIRST_ROWS = 4;

/** The memory of many rows, seen in each way that somebody reads or writes it. */
export interface RowChunk {
  /** For views of a part: made of it they cost half of what they do of another view. */
  readonly buffer: ArrayBuffer;
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly bytes: Uint8Array;
  /** For copies: bytes pass through it as they are, whatever they mean. */
  readonly i32: Int32Array;
}

/** Where a row may lie: zeroed bytes from `at` on, a multiple of 8. */
export interface RowPlace {
  readonly chunk: RowChunk;
  readonly at: number;
}

const chunkOf = (buffer: ArrayBuffer): RowChunk => ({
  buffer,
  f64: new Float64Array(buffer),
  f32: new Float32Array(buffer),
  bytes: new Uint8Array(buffer),
  i32: new Int32Array(buffer),
});

/**
 * Hands out places of one size. Each buffer and each view of its own would be one more thing for
 * the collector to look at in every cycle, hundreds of thousands of them.
 */
export class RowPlaces {
  private readonly sizeBytes: number;
  private rowsPerChunk = FIRST_ROWS;
  private chunk = chunkOf(new ArrayBuffer(0));
  private used = 0;
  private readonly free: RowPlace[] = [];

  constructor(rowBytes: number) {
    // Views of doubles must be aligned.
    this.sizeBytes = (rowBytes + 7) & ~7;
  }

  take(): RowPlace {
    const found = this.free.pop();
    if (found !== undefined) {
      found.chunk.bytes.fill(0, found.at, found.at + this.sizeBytes);
      return found;
    }
    if (this.used + this.sizeBytes > this.chunk.bytes.length) {
      this.chunk = chunkOf(new ArrayBuffer(this.rowsPerChunk * this.sizeBytes));
      this.used = 0;
      this.rowsPerChunk = Math.min(2 * this.rowsPerChunk, Math.ceil(CHUNK_BYTES / this.sizeBytes));
    }
    const at = this.used;
    this.used += this.sizeBytes;
    return { chunk: this.chunk, at };
  }

  /** Takes back the place of a row that is no more. */
  give({ chunk, at }: RowPlace): void {
    this.free.push({ chunk, at });
  }
}
