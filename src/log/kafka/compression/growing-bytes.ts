/** What a batch holds exceeds its limit once it is decompressed. */
export class ContentTooLarge extends Error {
  override readonly name = 'ContentTooLarge';

  constructor(limitBytes: number) {
    super(`more than ${limitBytes} bytes`);
  }
}

const FIRST_BYTES = 16 << 10;
/** Shorter copies are faster byte by byte. */
const COPY_BYTES_MIN = 32;

/** Bytes as they are decompressed, up to a limit; what was written before can be repeated. */
export class GrowingBytes {
  private bytes: Buffer;
  private length = 0;
  private readonly limitBytes: number;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
    this.bytes = Buffer.allocUnsafe(FIRST_BYTES);
  }

  get written(): number {
    return this.length;
  }

  /** Bytes from a place on; throws where there are not so many. */
  append(from: Uint8Array, start: number, count: number): void {
    if (count < 0 || start + count > from.length) throw new Error('it ends early');
    const at = this.grow(count);
    this.bytes.set(from.subarray(start, start + count), at);
  }

  /** The bytes that lie a distance back, over and over when it is shorter than the count. */
  repeat(distance: number, count: number): void {
    if (distance <= 0 || distance > this.length) {
      throw new Error(`it repeats what lies ${distance} bytes back of ${this.length}`);
    }
    const start = this.grow(count);
    const { bytes } = this;
    if (distance >= count && count >= COPY_BYTES_MIN) {
      bytes.copyWithin(start, start - distance, start - distance + count);
      return;
    }
    // In range by construction, so byte reads are narrowed with `as number`.
    for (let at = start; at < start + count; at += 1) bytes[at] = bytes[at - distance] as number;
  }

  /** All that was written; nothing may be added afterwards. */
  whole(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Where the next so many go. */
  private grow(count: number): number {
    const start = this.length;
    const end = start + count;
    if (end > this.limitBytes) throw new ContentTooLarge(this.limitBytes);
    if (end > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, start));
      this.bytes = larger;
    }
    this.length = end;
    return start;
  }
}
