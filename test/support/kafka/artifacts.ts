import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const KAFKA_VERSION = '4.3.1';
const LOG4J_VERSION = '2.25.2';
const FETCH_MS = 300_000;

/** Broker, controller and the tools that come with them. */
const ARTIFACTS = [
  ['org.apache.kafka', 'kafka_2.13', KAFKA_VERSION],
  ['org.apache.kafka', 'kafka-server', KAFKA_VERSION],
  ['org.apache.kafka', 'kafka-tools', KAFKA_VERSION],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J_VERSION],
] as const;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>tidecast</groupId><artifactId>local-kafka</artifactId><version>1</version>
<packaging>pom</packaging>
<dependencies>
${ARTIFACTS.map(
  ([group, artifact, version]) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
    `<version>${version}</version></dependency>`,
).join('\n')}
</dependencies>
</project>
`;

const isThere = async (command: string): Promise<boolean> => {
  try {
    await run(command, ['-version']);
    return true;
  } catch {
    // Not installed, or not to be run: either way there is none.
    return false;
  }
};

/** What is missing of what a broker needs, in words; empty: nothing. */
export const missingTools = async (): Promise<readonly string[]> => {
  const [java, maven] = await Promise.all([isThere('java'), isThere('mvn')]);
  return [...(java ? [] : ['Java 17 (java)']), ...(maven ? [] : ['Maven (mvn)'])];
};

/**
 * The folder of the jars, fetched once from Maven Central: some 55 MB. Half a fetch leaves nothing
 * that would be taken for a whole one.
 */
export const kafkaJars = async (cache: string): Promise<string> => {
  const jars = join(cache, `kafka-${KAFKA_VERSION}`);
  if (existsSync(jars)) return jars;
  const begun = join(cache, `kafka-${KAFKA_VERSION}.${process.pid}`);
  await mkdir(begun, { recursive: true });
  await writeFile(join(begun, 'pom.xml'), pom);
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
  await run('mvn', args, { cwd: begun, timeout: FETCH_MS });
  try {
    await rename(join(begun, 'lib'), jars);
  } catch (error) {
    // Another process was first.
    if (!existsSync(jars)) throw error;
  }
  await rm(begun, { recursive: true, force: true });
  return jars;
};
