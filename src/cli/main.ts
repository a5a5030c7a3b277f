#!/usr/bin/env node
import { processEnvironment } from '../config/environment.ts';
import { processIo } from './io.ts';
import { openLog } from './open-log.ts';
import { run } from './program.ts';

const code = await run(process.argv.slice(2), processIo(processEnvironment(), openLog));
// Decided already where the reader of the results has gone away.
process.exitCode ??= code;
