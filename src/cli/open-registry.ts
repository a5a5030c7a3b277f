import type { KafkaConfig } from '../config/config.ts';
import { confluentRegistry } from '../schemas/registry/confluent-registry.ts';
import type { RegistryAccess } from '../schemas/registry/rest-client.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import { pemFiles } from './pem-files.ts';
import { secretIn } from './secret-file.ts';

const authOf = ({ registryAuth }: KafkaConfig): RegistryAccess['auth'] => {
  if (registryAuth === undefined) return undefined;
  const { username, password, passwordFile = '' } = registryAuth;
  return {
    username,
    password: password ?? secretIn(passwordFile, 'kafka.registryAuth.passwordFile'),
  };
};

/** The schema registry that the configuration names; it is asked nothing yet. */
export const openRegistry = (kafka: KafkaConfig, answerMs?: number): SchemaRegistry => {
  const { registry: address, registrySsl } = kafka;
  const tls = registrySsl === undefined ? undefined : pemFiles(registrySsl, 'kafka.registrySsl');
  return confluentRegistry({ address, auth: authOf(kafka), tls, answerMs });
};
