import { readFileSync } from 'node:fs';
import type { Config, KafkaConfig } from '../config/config.ts';
import { systemClock } from '../core/clock.ts';
import type { SaslOptions } from '../log/kafka/cluster.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { confluentRegistry } from '../schemas/registry/confluent-registry.ts';
import { CliError } from './errors.ts';
import type { OpenedLog } from './opened-log.ts';
import { secretIn } from './secret-file.ts';

const contentOf = (file: string | undefined, key: string): Buffer | undefined => {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError('USAGE', `kafka.ssl.${key} names ${file}, which cannot be read`, error);
  }
};

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
  return {
    ca: contentOf(ssl.ca, 'ca'),
    cert: contentOf(ssl.cert, 'cert'),
    key: contentOf(ssl.key, 'key'),
  };
};

/** Opens the log of the brokers that the configuration names, with its schema registry. */
export const openKafka = async ({ application, kafka }: Config): Promise<OpenedLog> => {
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
    registry: confluentRegistry({ address: kafka.registry }),
    isRemote: false,
    ownerPid: process.pid,
    // Others have brokers of their own to go to.
    share: async () => undefined,
    close: () => log.close(),
  };
};
