import type { Config } from '../config/config.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import { dataFolders } from './data-folders.ts';
import { CliError } from './errors.ts';
import type { OpenedLog } from './opened-log.ts';
import { processClock } from './process-clock.ts';

/** Knows no schema, so that framed values are shown as bytes. */
const noSchemas: SchemaRegistry = {
  register: async (subject) => {
    throw new CliError('USAGE', `no schema can be registered for ${subject} here`);
  },
  byId: async () => undefined,
  subjects: async () => [],
};

/**
 * Opens the log that the configuration names: the embedded one for this process alone, or a
 * LogError that names the process that has it (`LOG_LOCKED`).
 */
export const openLog = async (config: Config): Promise<OpenedLog> => {
  if (config.log === 'kafka') {
    throw new CliError('USAGE', 'this build has no Kafka adapter: set `log: embedded`');
  }
  const log = await openEmbeddedLog({
    folder: dataFolders(config).log,
    clock: processClock(config),
    maintenanceMs: 0,
  });
  return { log, registry: noSchemas, isRemote: false, close: () => log.close() };
};
