/** Memory for many rows at once: as much as the collector is glad to hear of as one thing. */
const CHUNK_BYTES = 1 << 20;
/** Few to begin with, since most stores stay small. */
const FIRST_ROWS = 4;

/** Where a row may lie: zeroed bytes from `at` on. */
export interface RowPlace {
  readonly buffer: ArrayBufferLike;
  readonly at: number;
}

/**
 * Hands out places of one size. Each buffer of its own would be one more thing for the collector to
 * look at in every cycle, hundreds of thousands of them.
 */
export class RowPlaces {
  private readonly sizeBytes: number;
  private rowsPerChunk = FIRST_ROWS;
  private chunk = new ArrayBuffer(0);
  private used = 0;
  private readonly free: RowPlace[] = [];

  constructor(rowBytes: number) {
    // Views of doubles must be aligned.
    this.sizeBytes = (rowBytes + 7) & ~7;
  }

  take(): RowPlace {
    const found = this.free.pop();
    if (found !== undefined) {
      new Uint8Array(found.buffer, found.at, this.sizeBytes).fill(0);
      return found;
    }
    if (this.used + this.sizeBytes > this.chunk.byteLength) {
      this.chunk = new ArrayBuffer(this.rowsPerChunk * this.sizeBytes);
      this.used = 0;
      this.rowsPerChunk = Math.min(2 * this.rowsPerChunk, Math.ceil(CHUNK_BYTES / this.sizeBytes));
    }
    const at = this.used;
    this.used += this.sizeBytes;
    return { buffer: this.chunk, at };
  }

  /** Takes back the place whose bytes begin a row that is no more. */
  give({ buffer, byteOffset }: Uint8Array): void {
    this.free.push({ buffer, at: byteOffset });
  }
}
