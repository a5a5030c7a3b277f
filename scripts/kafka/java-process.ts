import { join } from 'node:path';
import { GuardedProcess } from './guarded-process.ts';

/**
 * For a program that soon ends again: half of the CPU and time of its start, where the rest of it
 * is a little slower.
 */
export const QUICK_START: readonly string[] = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export interface JavaProgram {
  /** What the virtual machine is told. */
  readonly options: readonly string[];
  /** A class path and class, or `-jar` and a file; then its arguments. */
  readonly program: readonly string[];
  readonly log: string;
}

/** The class path of all jars of a folder, then a class. */
export const classIn = (jars: string, name: string): readonly string[] => [
  ...['-cp', join(jars, '*')],
  name,
];

export const startJava = ({ options, program, log }: JavaProgram): GuardedProcess =>
  new GuardedProcess({ command: 'java', args: [...options, ...program], log });
