import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const LOOK_MS = 30_000;
const JAVA_VERSION_MIN = 17;

/** All that a command says, or nothing where it is missing or cannot be run. */
const saidBy = async (command: string): Promise<string | undefined> => {
  try {
    const { stdout, stderr } = await run(command, ['-version'], { timeout: LOOK_MS });
    return stdout + stderr;
  } catch {
    // Not installed, or not to be run: either way there is none.
    return undefined;
  }
};

/** The 17 of `openjdk version "17.0.15"`, the 8 of `java version "1.8.0_402"`. */
const javaVersionOf = (said: string): number => {
  const [, first = '', second = ''] = /version "(\d+)(?:\.(\d+))?/.exec(said) ?? [];
  return Number(first === '1' ? second : first);
};

/** What is wrong with Java, in words that say what to install; nothing if it will do. */
export const javaProblem = async (): Promise<string | undefined> => {
  const wanted = `Java ${JAVA_VERSION_MIN} or newer (java, as of openjdk-17-jre-headless)`;
  const said = await saidBy('java');
  if (said === undefined) return wanted;
  const version = javaVersionOf(said);
  return version >= JAVA_VERSION_MIN ? undefined : `${wanted}; the one here is Java ${version}`;
};

/** The same for Maven. */
export const mavenProblem = async (): Promise<string | undefined> =>
  (await saidBy('mvn')) === undefined ? 'Maven (mvn, as of the package maven)' : undefined;

/** What is missing of what a broker without Docker needs, in words; empty: nothing. */
export const missingTools = async (): Promise<readonly string[]> => {
  const problems = await Promise.all([javaProblem(), mavenProblem()]);
  return problems.filter((problem) => problem !== undefined);
};
