import { readFileSync } from 'node:fs';

export interface NpyMatrix {
  readonly rows: Float64Array;
  readonly width: number;
}

/** Reads a matrix of float64 from a file of NumPy. */
export const npyMatrix = (file: string): NpyMatrix => {
  const bytes = readFileSync(file);
  const headerEnd = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, headerEnd);
  const [, count, width] = /'descr': '<f8'.*'shape': \((\d+), (\d+)\)/.exec(header) ?? [];
  const rows = new Float64Array(bytes.buffer.slice(bytes.byteOffset + headerEnd));
  if (rows.length !== Number(count) * Number(width)) throw new Error(`${file} says ${header}`);
  return { rows, width: Number(width) };
};
