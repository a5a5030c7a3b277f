import { closeSync, openSync, writeSync } from 'node:fs';

/** What is gathered before it is written. */
const BUFFER_VALUES = 131_072;
/** Of the header, whatever its numbers: it is written last, when the rows are counted. */
const HEADER_BYTES = 128;

const headerOf = (rows: number, width: number): Buffer => {
  const shape = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const header = Buffer.alloc(HEADER_BYTES, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(HEADER_BYTES - 10, 8);
  header.write(shape, 10, 'latin1');
  header.write('\n', HEADER_BYTES - 1, 'latin1');
  return header;
};

/**
 * A matrix of float64 in the format of NumPy, which `numpy.load` reads bit by bit; row by row, so
 * that it need not fit into memory.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export class NpyFile {
  rows = 0;
  private readonly file: number;
  private readonly width: number;
  // Little-endian, which is what every platform of Node is.
  private readonly buffer: Float64Array<ArrayBuffer>;
  private used = 0;

  constructor(path: string, width: number) {
    this.width = width;
    this.file = openSync(path, 'w');
    this.buffer = new Float64Array(Math.max(width, BUFFER_VALUES));
    writeSync(this.file, headerOf(0, width));
  }

  /** Appends one row of the matrix. */
  append(row: Float64Array): void {
    if (this.used + row.length > this.buffer.length) this.flush();
    this.buffer.set(row, this.used);
    this.used += row.length;
    this.rows += 1;
  }

  close(): void {
    this.flush();
    writeSync(this.file, headerOf(this.rows, this.width), 0, HEADER_BYTES, 0);
    closeSync(this.file);
  }

  private flush(): void {
    const bytes = new Uint8Array(this.buffer.buffer, 0, this.used * 8);
    let written = 0;
    while (written < bytes.length) written += writeSync(this.file, bytes, written);
    this.used = 0;
  }
}
