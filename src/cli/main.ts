#!/usr/bin/env node
import { processEnvironment } from '../config/environment.ts';
import { processIo } from './io.ts';
import { openLog } from './open-log.ts';
import { run } from './program.ts';

/** A connection that does not answer must not keep a process whose work is done. */
const LINGER_MS = 2_000;

const leaveOnceRead = (): void => {
  setTimeout(() => {
    if (process.stdout.writableLength > 0) leaveOnceRead();
    else process.exit();
  }, LINGER_MS).unref();
};

const code = await run(process.argv.slice(2), processIo(processEnvironment(), openLog));
// Decided already where the reader of the results has gone away.
process.exitCode ??= code;
leaveOnceRead();
