import { secretToken } from '../core/random.ts';
import type { EmbeddedLog } from '../log/embedded/embedded-log.ts';
import { serveLog, type LogServer } from '../log/remote/log-server.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';

/**
 * Lets commands of this machine and user work through the process that owns a log: its address and
 * a token of this run lie beside the lock. Close it before the registry and the log.
 */
export const grantLogAccess = async (
  log: EmbeddedLog,
  registry: SchemaRegistry,
): Promise<LogServer> => {
  const token = secretToken();
  const server = await serveLog({ log, registry, token });
  await log.announce({ address: server.address, token });
  return server;
};
