import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StarterError } from './starter-error.ts';

const NODES_MAX = 3;
const ID_BYTES = 16;

export type BrokerCount = 1 | 3;

interface Cluster {
  readonly id: string;
  readonly brokers: number;
}

/** As Kafka writes it: 22 characters, of which a dash must not be the first (it reads options). */
const newId = (): string => randomBytes(ID_BYTES).toString('base64url').replace(/^-/, 'a');

export const nodeFolder = (folder: string, node: number): string => join(folder, `node-${node}`);
export const registryFolder = (folder: string): string => join(folder, 'registry');

const fileOf = (folder: string): string => join(folder, 'cluster.json');

/** Forgets what earlier starts left, and nothing else that lies in the folder. */
export const clearCluster = async (folder: string): Promise<void> => {
  const nodes = Array.from({ length: NODES_MAX }, (_, index) => nodeFolder(folder, index + 1));
  for (const path of [...nodes, registryFolder(folder), fileOf(folder)]) {
    await rm(path, { recursive: true, force: true });
  }
};

/** The id of the cluster whose data the folder holds; a new one for an empty folder. */
export const clusterIdOf = async (folder: string, brokers: BrokerCount): Promise<string> => {
  const file = fileOf(folder);
  if (existsSync(file)) {
    // Written below, whole.
    const known = JSON.parse(await readFile(file, 'utf8')) as Cluster;
    if (known.brokers === brokers) return known.id;
    throw new StarterError(
      `${folder} holds the data of ${known.brokers} broker(s), not of ${brokers}: ` +
        `--brokers ${known.brokers}, another folder by --data, or --fresh, which forgets it`,
    );
  }
  const cluster: Cluster = { id: newId(), brokers };
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(cluster)}\n`);
  await rename(`${file}.new`, file);
  return cluster.id;
};
