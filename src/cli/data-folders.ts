import { join } from 'node:path';
import type { Config } from '../config/config.ts';

/** What lies where below the data folder. */
export interface DataFolders {
  readonly log: string;
  readonly stores: string;
  readonly artifacts: string;
  readonly online: string;
}

export const dataFolders = ({ data }: Config): DataFolders => ({
  log: join(data, 'log'),
  stores: join(data, 'stores'),
  artifacts: join(data, 'artifacts'),
  online: join(data, 'online'),
});
