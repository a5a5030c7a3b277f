import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Listener, Properties } from '../../scripts/kafka/properties.ts';

const run = promisify(execFile);

/** Nothing of a system's own configuration: only what is asked for below. */
const CONFIG = '[req]\ndistinguished_name = name\n[name]\n';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Files of a private authority and of what it signed, PEM. */
export interface Certificates {
  readonly ca: string;
  /** Of an authority that signed nothing here. */
  readonly otherCa: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** Key and certificate of the broker, for its own address and for another name. */
  readonly broker: string;
  readonly misnamed: string;
}

export const makeCertificates = async (folder: string): Promise<Certificates> => {
  const path = (name: string): string => join(folder, name);
  const config = path('openssl.cnf');
  await writeFile(config, CONFIG);
  const make = async (name: string, extra: readonly string[]): Promise<void> => {
    const out = ['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`), '-days', '3'];
    const args = ['req', '-x509', '-config', config, '-subj', `/CN=${name}`, ...KEY, ...out];
    await run('openssl', [...args, ...extra]);
  };
  const authority = (name: string): Promise<void> =>
    make(name, ['-addext', 'basicConstraints=critical,CA:TRUE']);
  const signed = async (name: string, names: string): Promise<string> => {
    const by = ['-CA', path('ca.pem'), '-CAkey', path('ca.key')];
    await make(name, [...by, '-addext', `subjectAltName=${names}`]);
    const both = await Promise.all([readFile(path(`${name}.key`)), readFile(path(`${name}.pem`))]);
    await writeFile(path(`${name}-both.pem`), Buffer.concat(both));
    return path(`${name}-both.pem`);
  };
  await authority('ca');
  await authority('other-ca');
  const broker = await signed('broker', 'IP:127.0.0.1,DNS:localhost');
  const misnamed = await signed('misnamed', 'DNS:kafka.example.com');
  await signed('client', 'DNS:client');
  return {
    ca: path('ca.pem'),
    otherCa: path('other-ca.pem'),
    clientCert: path('client.pem'),
    clientKey: path('client.key'),
    broker,
    misnamed,
  };
};

/** A password and TLS; TLS both ways; a password alone; and TLS under a wrong name. */
export const LISTENERS: readonly Listener[] = [
  { name: 'SECURED', protocol: 'SASL_SSL' },
  { name: 'MUTUAL', protocol: 'SSL' },
  { name: 'OPEN', protocol: 'SASL_PLAINTEXT' },
  { name: 'MISNAMED', protocol: 'SASL_SSL' },
];

/** Users by their names, with their passwords. */
export type Users = Readonly<Record<string, string>>;

const LOGIN = 'org.apache.kafka.common.security';

const passwordProperties = (listener: string, users: Users): Properties => {
  const prefix = `listener.name.${listener}`;
  const scram = `${LOGIN}.scram.ScramLoginModule required;`;
  const module = `${LOGIN}.plain.PlainLoginModule`;
  const plain = Object.entries(users).map(([name, password]) => ` user_${name}="${password}"`);
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scram,
    [`${prefix}.plain.sasl.jaas.config`]: `${module} required${plain.join('')};`,
  };
};

const tlsProperties = (listener: string, keys: string, ca: string): Properties => ({
  [`listener.name.${listener}.ssl.keystore.type`]: 'PEM',
  [`listener.name.${listener}.ssl.keystore.location`]: keys,
  [`listener.name.${listener}.ssl.truststore.type`]: 'PEM',
  [`listener.name.${listener}.ssl.truststore.location`]: ca,
});

/** A broker that believes nobody but its own listeners, and lets others do what was granted. */
export const securedProperties = (
  { broker, misnamed, ca }: Certificates,
  users: Users,
): Properties => ({
  ...passwordProperties('secured', users),
  ...passwordProperties('open', users),
  ...passwordProperties('misnamed', users),
  ...tlsProperties('secured', broker, ca),
  ...tlsProperties('mutual', broker, ca),
  ...tlsProperties('misnamed', misnamed, ca),
  'listener.name.mutual.ssl.client.auth': 'required',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  // Of the plain listener: the broker itself, and this test.
  'super.users': 'User:ANONYMOUS',
});
