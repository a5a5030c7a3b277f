import type { ByteSink } from './serde.ts';

const SLAB_BYTES = 1 << 20;

/** Where an arena gets its memory from. */
export interface Slabs {
  /** Bytes at the start of each slab that are left out. */
  readonly headBytes: number;
  /**
   * A slab that holds the head and `bytesMin` more. Values end at `end` in the slab before, which
   * the arena has done with.
   */
  next(bytesMin: number, end: number): Buffer;
}

/** A new slab each time: bytes once taken are never written again. */
const FRESH: Slabs = {
  headBytes: 0,
  next: (bytesMin) => Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytesMin * 2)),
};

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView =>
  new DataView(buffer, byteOffset, length);

/**
 * Where values are encoded one after the other into slabs of memory. A view of a value stays true
 * for as long as its slab is not used again, which by default is for as long as it is held.
 */
export class Arena implements ByteSink {
  bytes: Buffer;
  view: DataView;
  position: number;
  /** Where the value begins that is being written; the one before ends here. */
  start: number;
  private readonly slabs: Slabs;

  constructor(slabs: Slabs = FRESH) {
    this.slabs = slabs;
    this.bytes = slabs.next(0, 0);
    this.view = viewOf(this.bytes);
    this.start = slabs.headBytes;
    this.position = slabs.headBytes;
  }

  /** What comes next is one value. */
  begin(): void {
    this.start = this.position;
  }

  /** The bytes since `begin`. */
  take(): Buffer {
    return this.bytes.subarray(this.start, this.position);
  }

  /** Forgets what was written since `begin`. */
  discard(): void {
    this.position = this.start;
  }

  /** Goes on in the next slab, without what was written since `begin`. */
  restart(): void {
    this.discard();
    this.moveOn(0);
  }

  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.moveOn(count);
  }

  private moveOn(count: number): void {
    const { bytes, start, position } = this;
    const { headBytes } = this.slabs;
    const slab = this.slabs.next(position - start + count, start);
    bytes.copy(slab, headBytes, start, position);
    this.bytes = slab;
    this.view = viewOf(slab);
    this.start = headBytes;
    this.position = headBytes + position - start;
  }
}
