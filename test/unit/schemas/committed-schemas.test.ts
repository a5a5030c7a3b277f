import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  committedSchemas,
  generatedFiles,
  type CommittedSchema,
} from '../../../scripts/codecs/generated-files.ts';
import { refuseIncompatible } from '../../../src/schemas/compatibility.ts';
import { repositoryFiles, ROOT } from '../../support/repository.ts';

/** SHA-256 of each version's JSON without spaces. */
const HASHES = join(ROOT, 'test/fixtures/schemas/committed.json');

/** Below this the listing is broken, and everything would pass on nothing. */
const RECORDS_MIN = 16;

/** Holds each version of a record against all before it; how many pairs that were. */
const holdAll = (schemas: readonly CommittedSchema[]): number => {
  let pairs = 0;
  for (const { record, version, text } of schemas) {
    const earlier = schemas
      .filter((other) => other.record === record && other.version < version)
      .map((other) => ({ version: other.version, schema: other.text }));
    refuseIncompatible(record, text, earlier);
    pairs += earlier.length;
  }
  return pairs;
};

const fixture = (name: string): readonly CommittedSchema[] =>
  committedSchemas(pathToFileURL(join(ROOT, `test/fixtures/schemas/${name}/`)));

describe('the committed schemas', () => {
  const schemas = committedSchemas();

  it('read what every earlier version of them wrote', () => {
    const records = new Set(schemas.map(({ record }) => record));
    expect(records.size).toBeGreaterThanOrEqual(RECORDS_MIN);
    expect(holdAll(schemas)).toBeGreaterThanOrEqual(schemas.length - records.size);
  });

  it('keep every version, from 1 without a gap', () => {
    for (const { record } of schemas) {
      const versions = schemas
        .filter((other) => other.record === record)
        .map(({ version }) => version);
      expect(versions, record).toEqual(versions.map((_, index) => index + 1));
    }
  });

  it('are never changed once committed: a change is a new version', () => {
    const now = schemas.map(({ record, version, text }) => [
      `${record}-v${version}`,
      createHash('sha256').update(text).digest('hex'),
    ]);
    // Written by hand with each new version.
    const then = JSON.parse(readFileSync(HASHES, 'utf8')) as Record<string, string>;
    expect(Object.fromEntries(now)).toEqual(then);
  });

  it('would be refused if a new field had no default', () => {
    expect(holdAll(fixture('compatible'))).toBe(1);
    expect(() => holdAll(fixture('incompatible'))).toThrow(/reading cannot read version 1/);
  });
});

describe('the generated files', () => {
  it('are what npm run generate writes, all of them and no others', async () => {
    const generated = await generatedFiles();
    const names = generated.map(({ path }) => path.pathname.replace(/^.*\//, ''));
    const found = repositoryFiles().filter((file) => file.startsWith('src/schemas/generated/'));
    expect(found.map((file) => file.replace(/^.*\//, '')).sort()).toEqual([...names].sort());
    for (const { path, text } of generated) expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
