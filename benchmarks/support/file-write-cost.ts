import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rounded, stopwatch } from './measure.ts';

const CHUNK_BYTES = 1 << 20;
const CHUNKS = 256;

/**
 * CPU of writing one KiB to the end of a file, in µs: what this machine takes for every byte that a
 * benchmark writes. A virtual machine that gives its free memory back to its host takes ten times
 * as much as one that keeps it.
 */
export const fileWriteMicrosPerKib = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-bench-'));
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES, 1);
    const file = openSync(join(folder, 'written'), 'w');
    const cost = stopwatch();
    for (let written = 0; written < CHUNKS; written += 1) writeSync(file, chunk);
    const { cpuMicros } = cost();
    closeSync(file);
    return rounded((cpuMicros * 1_024) / (CHUNKS * CHUNK_BYTES));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
