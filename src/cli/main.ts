#!/usr/bin/env node
import { processEnvironment } from '../config/environment.ts';
import { processIo } from './io.ts';
import { openLog } from './open-log.ts';
import { run } from './program.ts';

process.exitCode = await run(process.argv.slice(2), processIo(processEnvironment(), openLog));
