import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/kafka/cache-folder.ts';
import { said } from './kafka-tools.ts';
import { ROOT } from './repository.ts';

const VERSION = '2.16.1';
const PACKAGE = `confluent-kafka[avro,schemaregistry]==${VERSION}`;
const SCRIPT = join(ROOT, 'test/support/librdkafka.py');

const folder = (): string => join(cacheFolder(), `confluent-kafka-${VERSION}`);

/** What is missing, in words; undefined: nothing. */
export const librdkafkaProblem = async (): Promise<string | undefined> => {
  const wanted = 'Python 3 with pip, which fetches librdkafka';
  try {
    const { code } = await said('python3', ['-m', 'pip', '--version']);
    return code === 0 ? undefined : wanted;
  } catch {
    // There is no python3.
    return wanted;
  }
};

/**
 * Fetches the library once into the user's cache folder. Its name appears when all is there, as
 * that of the broker's jars.
 */
export const fetchLibrdkafka = async (): Promise<void> => {
  if (existsSync(folder())) return;
  const begun = `${folder()}.begun-${process.pid}`;
  await mkdir(begun, { recursive: true });
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--target', begun, PACKAGE];
    const { code, err } = await said('python3', args);
    if (code !== 0) throw new Error(`pip could not fetch ${PACKAGE}: ${err}`);
    await rename(begun, folder());
  } catch (error) {
    // Another process may have been first; what it fetched is the same.
    if (!existsSync(folder())) throw error;
  } finally {
    await rm(begun, { recursive: true, force: true });
  }
};

/** Runs a command of librdkafka.py; throws what it said when it fails. */
export const librdkafka = async (
  args: readonly string[],
  rows: readonly unknown[] = [],
): Promise<string> => {
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { code, out, err } = await said('python3', [SCRIPT, ...args], {
    input,
    env: { PYTHONPATH: folder(), PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (code !== 0) throw new Error(`librdkafka ${args.join(' ')} ended with ${code ?? '-'}: ${err}`);
  return out;
};
