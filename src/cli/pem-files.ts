import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CliError } from './errors.ts';

/** Names of files, by what they hold. */
export interface PemNames {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** What they hold, of those that are named. */
export interface Pem {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

interface Kind {
  readonly name: string;
  /** Throws where bytes are no such thing; TLS itself takes an authority that is none for none. */
  readonly parse: (content: Buffer) => unknown;
}

const CERTIFICATE: Kind = {
  name: 'certificate',
  parse: (content) => new X509Certificate(content),
};
const PRIVATE_KEY: Kind = {
  name: 'private key without a passphrase',
  parse: (content) => createPrivateKey(content),
};

const contentOf = (file: string, key: string, { name, parse }: Kind): Buffer => {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw new CliError('USAGE', `${key} names ${file}, which cannot be read`, error);
  }
  try {
    parse(content);
  } catch (error) {
    throw new CliError('USAGE', `${key} names ${file}, which holds no PEM ${name}`, error);
  }
  return content;
};

/** Reads authority, certificate and private key; `section` is the key that names the files. */
export const pemFiles = ({ ca, cert, key }: PemNames, section: string): Pem => ({
  ...(ca === undefined ? {} : { ca: contentOf(ca, `${section}.ca`, CERTIFICATE) }),
  ...(cert === undefined ? {} : { cert: contentOf(cert, `${section}.cert`, CERTIFICATE) }),
  ...(key === undefined ? {} : { key: contentOf(key, `${section}.key`, PRIVATE_KEY) }),
});
