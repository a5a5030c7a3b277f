import type { ByteSink } from './serde.ts';

const SLAB_BYTES = 1 << 20;

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView =>
  new DataView(buffer, byteOffset, length);

/**
 * Where values are encoded one after the other into slabs of 1 MiB. Bytes once taken are never
 * written again, so a view stays true for as long as it is held; it keeps its whole slab alive.
 */
export class Arena implements ByteSink {
  bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
  view = viewOf(this.bytes);
  position = 0;
  private start = 0;

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

  reserve(count: number): void {
    if (this.position + count <= this.bytes.length) return;
    const written = this.position - this.start;
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, (written + count) * 2));
    this.bytes.copy(slab, 0, this.start, this.position);
    this.bytes = slab;
    this.view = viewOf(slab);
    this.start = 0;
    this.position = written;
  }
}
