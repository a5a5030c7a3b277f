import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuardedProcess } from './guarded-process.ts';
import { StarterError } from './starter-error.ts';
import { mavenProblem } from './tools.ts';
import { KAFKA_POM, KAFKA_VERSION, REGISTRY_ARTIFACT, REGISTRY_VERSION } from './versions.ts';

const TELL_MS = 5_000;
const SAID_LINES_MAX = 15;

/** Hears, in words, of what takes a while. */
export type Say = (words: string) => void;

interface Fetch {
  readonly name: string;
  /** What it is and how large, in words. */
  readonly words: string;
  readonly args: readonly string[];
}

const KAFKA: Fetch = {
  name: `kafka-${KAFKA_VERSION}`,
  words: `Apache Kafka ${KAFKA_VERSION} (55 MB)`,
  args: ['-B', 'dependency:copy-dependencies', '-DoutputDirectory=out'],
};

const REGISTRY: Fetch = {
  name: `registry-${REGISTRY_VERSION}`,
  words: `Apicurio Registry ${REGISTRY_VERSION} (142 MB)`,
  args: [
    ...['-B', 'dependency:unpack', `-Dartifact=${REGISTRY_ARTIFACT}`],
    ...['-DoutputDirectory=out', '-Dmdep.useBaseVersion=true'],
  ],
};

const downloads = (said: string): number => said.match(/^.*Downloaded from/gm)?.length ?? 0;

const runMaven = async (folder: string, { words, args }: Fetch, say: Say): Promise<void> => {
  const log = join(folder, 'maven.log');
  const maven = new GuardedProcess({ command: 'mvn', args, cwd: folder, log });
  const began = Date.now();
  const teller = setInterval(() => {
    void readFile(log, 'utf8').then((said) => {
      const seconds = Math.round((Date.now() - began) / 1000);
      say(`fetching ${words}: ${downloads(said)} files after ${seconds} s`);
    });
  }, TELL_MS);
  try {
    if ((await maven.ended()) === 0) return;
  } finally {
    clearInterval(teller);
  }
  const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-SAID_LINES_MAX);
  throw new StarterError(`Maven could not fetch ${words}; it said:\n${said.join('\n')}`);
};

/**
 * The folder of what was fetched, once for all starts. Its name appears when all is there: half a
 * fetch lies under another name, is never taken for a whole one, and is begun anew.
 */
const fetched = async (cache: string, fetch: Fetch, say: Say): Promise<string> => {
  const folder = join(cache, fetch.name);
  if (existsSync(folder)) return folder;
  const problem = await mavenProblem();
  if (problem !== undefined) {
    throw new StarterError(`${fetch.words} is fetched by ${problem}, which is to be installed`);
  }
  say(`fetching ${fetch.words} by Maven, once, to ${folder}`);
  const begun = `${folder}.begun-${process.pid}`;
  await rm(begun, { recursive: true, force: true });
  await mkdir(begun, { recursive: true });
  try {
    await writeFile(join(begun, 'pom.xml'), KAFKA_POM);
    await runMaven(begun, fetch, say);
    await rename(join(begun, 'out'), folder);
  } catch (error) {
    // Another process may have been first; what it fetched is the same.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(begun, { recursive: true, force: true });
  }
  return folder;
};

/** Folder of the jars of broker and tools. */
export const fetchKafka = (cache: string, say: Say): Promise<string> => fetched(cache, KAFKA, say);

/** Folder of the registry's application. */
export const fetchRegistry = (cache: string, say: Say): Promise<string> =>
  fetched(cache, REGISTRY, say);
