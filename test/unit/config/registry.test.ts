import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../../src/cli/open-registry.ts';
import { fakeRegistry } from '../../support/fake-registry.ts';
import { kafkaConfig, kafkaRefusal } from '../../support/kafka-config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SECRET = 'hunter2';
const ENV = { TIDECAST_KAFKA_REGISTRY_AUTH_PASSWORD: '{hunter2' };

describe('the schema registry', () => {
  it.each([
    [`registry: "http://u:${SECRET}@host:1"`, 'write them under `registryAuth`'],
    [`registry: "http://u:${SECRET}@ho st:1"`, 'registry'],
    [`registry: ["http://u:${SECRET}@host:1"]`, 'must be a text'],
    [`registry: "ftp://host/${SECRET}"`, 'must begin with `http://` or `https://`'],
    [`registry: "http://host?${SECRET}"`, 'must end with its path'],
    [`registryAuth: { username: u }`, 'one of `password` and `passwordFile`'],
    [`registryAuth: { username: u, password: ${SECRET}, passwordFile: f }`, 'and only one'],
    [`registryAuth: { username: "u:v", password: ${SECRET} }`, 'must not have a colon'],
    [`registryAuth: ${SECRET}`, 'must be a section'],
    [`registryAuth: { username: u, pasword: ${SECRET} }`, 'password'],
    ['registrySsl: { ca: f }', 'must begin with `https://`'],
    ['registry: "https://host", registrySsl: { cert: f }', 'name both `cert` and `key`'],
  ])('is refused without a secret being repeated: %s', (kafka, says) => {
    const refusal = kafkaRefusal(kafka);
    expect(refusal).toContain(says);
    expect(refusal).not.toContain(SECRET);
  });

  it('is asked with the password of the environment, as it stands, or of a file', async () => {
    const registry = 'registry: "http://127.0.0.1:1", registryAuth: { username: u }';
    expect(kafkaConfig(registry, ENV).registryAuth?.password).toBe('{hunter2');
    const file = join(await temporaryFolder(), 'password');
    await writeFile(file, `${SECRET}\n`);
    let authorization: string | undefined;
    const { address } = await fakeRegistry((_, { headers }) => {
      ({ authorization } = headers);
      return { status: 200, body: [] };
    });
    const auth = `registryAuth: { username: u, passwordFile: ${file} }`;
    await openRegistry(kafkaConfig(`registry: "${address}", ${auth}`)).subjects();
    expect(authorization).toBe(`Basic ${Buffer.from(`u:${SECRET}`).toString('base64')}`);
  });

  it('is not asked when a file that is named cannot be read', () => {
    const auth = 'registryAuth: { username: u, passwordFile: /none }';
    expect(() => openRegistry(kafkaConfig(auth))).toThrow(
      /kafka.registryAuth.passwordFile names \/none/,
    );
    const ssl = 'registry: "https://host", registrySsl: { ca: /none }';
    expect(() => openRegistry(kafkaConfig(ssl))).toThrow(/kafka.registrySsl.ca names \/none/);
  });

  it.each([
    [(file: string) => `{ ca: ${file} }`, 'ca', 'certificate'],
    [(file: string) => `{ cert: ${file}, key: ${file} }`, 'cert', 'certificate'],
  ])('is not asked when a file is no PEM: %#', async (sslOf, key, kind) => {
    const file = join(await temporaryFolder(), 'file.pem');
    await writeFile(file, 'no PEM');
    const ssl = `registry: "https://host", registrySsl: ${sslOf(file)}`;
    expect(() => openRegistry(kafkaConfig(ssl))).toThrow(
      `kafka.registrySsl.${key} names ${file}, which holds no PEM ${kind}`,
    );
  });
});
