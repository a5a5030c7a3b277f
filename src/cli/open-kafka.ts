import type { Config, KafkaConfig } from '../config/config.ts';
import { systemClock } from '../core/clock.ts';
import type { SaslOptions } from '../log/kafka/cluster.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { settledRegistry } from '../schemas/registry/settled-registry.ts';
import { openRegistry } from './open-registry.ts';
import type { OpenedLog, OpenLogOptions } from './opened-log.ts';
import { pemFiles } from './pem-files.ts';
import { secretIn } from './secret-file.ts';

/** What the brokers are to be shown; the library adds to it, so it gets its own. */
const saslOf = ({ sasl }: KafkaConfig): SaslOptions | undefined => {
  if (sasl === undefined) return undefined;
  const { mechanism, username, password, passwordFile = '' } = sasl;
  return {
    mechanism,
    username,
    password: password ?? secretIn(passwordFile, 'kafka.sasl.passwordFile'),
  };
};

const sslOf = ({ ssl }: KafkaConfig): unknown => {
  if (typeof ssl === 'boolean') return ssl ? true : undefined;
  return pemFiles(ssl, 'kafka.ssl');
};

/**
 * Opens the log of the brokers that the configuration names, with its schema registry, to which
 * nothing is added unless that is asked for.
 */
export const openKafka = async (
  { application, kafka }: Config,
  { registersSchemas = false }: Pick<OpenLogOptions, 'registersSchemas'> = {},
): Promise<OpenedLog> => {
  const registry = openRegistry(kafka);
  const log = await openKafkaLog({
    brokers: kafka.brokers,
    clientId: application,
    ssl: sslOf(kafka),
    sasl: saslOf(kafka),
    clock: systemClock,
    sessionTimeoutMs: kafka.sessionTimeoutMs,
    transactionTimeoutMs: kafka.transactionTimeoutMs,
    replicas: kafka.replicas,
    inSyncReplicas: kafka.inSyncReplicas,
  });
  return {
    log,
    registry: registersSchemas ? registry : settledRegistry(registry),
    isRemote: false,
    ownerPid: process.pid,
    // Others have brokers of their own to go to.
    share: async () => undefined,
    close: () => log.close(),
  };
};
