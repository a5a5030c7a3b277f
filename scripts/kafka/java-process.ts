import { join } from 'node:path';
import { GuardedProcess } from './guarded-process.ts';

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
