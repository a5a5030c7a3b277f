import type { Slabs } from '../schemas/arena.ts';
import type { PackedChunk } from './log.ts';

/** Free bytes in front of the records of a chunk: a log writes there what it has to say of them. */
export const CHUNK_HEAD_BYTES = 32;

/** Most batches need no more for a partition; a large one goes on in larger slabs. */
const FIRST_SLAB_BYTES = 64 << 10;
const SLAB_BYTES = 512 << 10;
/** Slabs that wait for the next batch; those beyond are given back. */
const SLABS_KEPT = 9;

/** The memory of one partition's records, batch after batch the same. */
export class PackerSlabs implements Slabs {
  readonly headBytes = CHUNK_HEAD_BYTES;
  /** Records in the slab that is being filled. */
  count = 0;
  private readonly slabs: Buffer[] = [];
  private used = 0;
  private current: Buffer | undefined;
  private closed: PackedChunk[] = [];

  next(bytesMin: number, end: number): Buffer {
    this.close(end);
    const bytes = CHUNK_HEAD_BYTES + bytesMin;
    const size = this.used === 0 ? FIRST_SLAB_BYTES : SLAB_BYTES;
    // A record that is larger than a slab gets one of its own, which is not kept.
    this.current = bytes > size ? Buffer.allocUnsafeSlow(bytes + size) : this.kept(size);
    return this.current;
  }

  /** What was packed so far, the slab that is being filled included, up to `end`. */
  chunks(current: Buffer, end: number): readonly PackedChunk[] {
    if (this.count === 0) return this.closed;
    return [...this.closed, { bytes: current.subarray(0, end), count: this.count }];
  }

  clear(): void {
    this.count = 0;
    this.used = 0;
    this.current = undefined;
    this.closed = [];
  }

  private close(end: number): void {
    if (this.count === 0 || this.current === undefined) return;
    this.closed.push({ bytes: this.current.subarray(0, end), count: this.count });
    this.count = 0;
  }

  private kept(size: number): Buffer {
    const index = this.used;
    this.used += 1;
    const slab = this.slabs[index] ?? Buffer.allocUnsafeSlow(size);
    if (index < SLABS_KEPT) this.slabs[index] = slab;
    return slab;
  }
}
