import type { Config } from '../../config/config.ts';
import type { Io } from '../io.ts';

/** `skip`: does not apply here. Only `fail` makes the doctor's exit code 1. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found and, unless it passed, what to do. */
  readonly message: string;
}

export interface Patient {
  readonly io: Io;
  readonly config: Config;
}

/** Looks at one thing and changes nothing. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>;

export const finding = (check: string, verdict: Verdict, message: string): readonly Finding[] => [
  { check, verdict, message },
];
