import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The version of tidecast, from the package.json beside src or dist. */
export const version = (): string => {
  if (known === undefined) {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    // Our own package.json.
    known = (JSON.parse(text) as { readonly version: string }).version;
  }
  return known;
};
