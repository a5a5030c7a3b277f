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

const contentOf = (file: string, key: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError('USAGE', `${key} names ${file}, which cannot be read`, error);
  }
};

/** Reads authority, certificate and private key; `section` is the key that names the files. */
export const pemFiles = ({ ca, cert, key }: PemNames, section: string): Pem => ({
  ...(ca === undefined ? {} : { ca: contentOf(ca, `${section}.ca`) }),
  ...(cert === undefined ? {} : { cert: contentOf(cert, `${section}.cert`) }),
  ...(key === undefined ? {} : { key: contentOf(key, `${section}.key`) }),
});
