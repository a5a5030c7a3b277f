import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { systemClock } from '../../src/core/clock.ts';

/** What some work cost, threads of the process included. */
export interface Cost {
  readonly cpuMicros: number;
  readonly ms: number;
}

/** Begins to measure; what is returned tells the cost so far. */
export const stopwatch = (): (() => Cost) => {
  const begunMs = systemClock.monotonic();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { cpuMicros: user + system, ms: systemClock.monotonic() - begunMs };
  };
};

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** How many things a second. */
export const perSecond = (count: number, ms: number): number => Math.round((count * 1_000) / ms);

/** On what it ran, and how busy that was. */
export const machine = (): Readonly<Record<string, unknown>> => ({
  node: process.version,
  processor: cpus()[0]?.model,
  cores: availableParallelism(),
  loadAverage: loadavg().map((load) => rounded(load)),
});

/** Bytes of all files below a folder. */
export const folderBytes = (folder: string): number => {
  let bytes = 0;
  // What brokers write is theirs.
  if (!existsSync(folder)) return bytes;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
};
