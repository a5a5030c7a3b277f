import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../log/embedded/embedded-schema-registry.ts';
import { readOwner } from '../log/embedded/owner.ts';
import { LogError } from '../log/errors.ts';
import { openRemoteLog } from '../log/remote/remote-log.ts';
import { dataFolders } from './data-folders.ts';
import { CliError } from './errors.ts';
import { grantLogAccess } from './log-access.ts';
import type { OpenedLog, OpenLog, OpenLogOptions } from './opened-log.ts';
import { processClock } from './process-clock.ts';

/** The log of a folder that no other process has open. */
const openOwn = async (
  config: Config,
  { clock = processClock(config), onMaintenanceFailure }: OpenLogOptions,
): Promise<OpenedLog> => {
  const folder = dataFolders(config).log;
  const maintenance =
    onMaintenanceFailure === undefined ? {} : { maintenance: { onFailure: onMaintenanceFailure } };
  const log = await openEmbeddedLog({ folder, clock, ...maintenance });
  const open = async (): Promise<OpenedLog> => {
    const registry = await openEmbeddedSchemaRegistry({ folder });
    const ends = [() => registry.close(), () => log.close()];
    return {
      log,
      registry,
      isRemote: false,
      ownerPid: process.pid,
      share: async () => {
        const access = await grantLogAccess(log, registry);
        ends.unshift(() => access.close());
      },
      close: async () => {
        for (const end of ends) await end();
      },
    };
  };
  try {
    return await open();
  } catch (error) {
    await log.close();
    throw error;
  }
};

/** The log through the process that owns it; undefined when that cannot be spoken to. */
const openThroughOwner = async (folder: string): Promise<OpenedLog | undefined> => {
  const { pid, address, token } = (await readOwner(folder)) ?? {};
  if (pid === undefined || address === undefined || token === undefined) return undefined;
  try {
    const log = await openRemoteLog({ address, token });
    const { registry } = log;
    return {
      log,
      registry,
      isRemote: true,
      ownerPid: pid,
      share: async () => undefined,
      close: () => log.close(),
    };
  } catch (error) {
    // It is about to stop, or only about to start: all that is sure is that it has the folder.
    if (error instanceof LogError && error.code === 'LOG_UNREACHABLE') return undefined;
    throw error;
  }
};

/**
 * Opens the log that the configuration names: the embedded one for this process, or through the
 * process that has it, or a LogError that names that process (`LOG_LOCKED`).
 */
export const openLog: OpenLog = async (config, options = {}) => {
  if (config.log === 'kafka') {
    // Half a megabyte of library: only those who have brokers load it.
    const { openKafka } = await import('./open-kafka.ts');
    return openKafka(config, options);
  }
  const folder = dataFolders(config).log;
  if (options.mustExist === true && !existsSync(folder)) {
    throw new CliError(
      'NOT_FOUND',
      `there is no log in ${config.data} yet: produce to it first, or name another folder as ` +
        '`data`',
    );
  }
  try {
    return await openOwn(config, options);
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'LOG_LOCKED') throw error;
    const opened = await openThroughOwner(folder);
    if (opened === undefined) throw error;
    return opened;
  }
};
