import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { confluentRegistry } from '../../../../src/schemas/registry/confluent-registry.ts';
import {
  KNOWN_MAX,
  KnownSchemas,
  UNKNOWN_MAX,
  UNKNOWN_MS,
} from '../../../../src/schemas/registry/known-schemas.ts';
import { fakeRegistry, type Reply } from '../../../support/fake-registry.ts';
import { makeCertificates } from '../../../support/secured-kafka.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const ABSENT: Reply = { status: 404, body: { error_code: 40403, message: 'no such schema' } };
const FOUND: Reply = { status: 200, body: { schema: '"long"' } };
const PASSWORD = 's3cret:of~tidecast';

const manualClock = () => {
  const clock = { nowMs: 0, now: () => 0, monotonic: () => clock.nowMs };
  return clock;
};

describe('a schema', () => {
  it('is registered once, also by many at the same time, and again after a failure', async () => {
    let isThere = false;
    let isDown = true;
    const { address, asked } = await fakeRegistry((question) => {
      if (question === 'POST subjects/a-value/versions') {
        if (isDown) return { status: 500, body: { message: 'down' } };
        isThere = true;
        return { status: 200, body: { id: 1 } };
      }
      if (question.startsWith('POST') && !isThere) return ABSENT;
      if (question.startsWith('POST')) return { status: 200, body: { id: 1, version: 1 } };
      return { status: 200, body: { compatibilityLevel: 'BACKWARD_TRANSITIVE' } };
    });
    const registry = confluentRegistry({ address });
    const register = () => registry.register('a-value', '"long"');
    const failed = await Promise.allSettled([register(), register()]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    const before = asked.length;
    const told = await Promise.all([register(), register(), register()]);
    expect(told.map(({ id, version }) => [id, version])).toEqual(Array(3).fill([1, 1]));
    await register();
    const made = asked.slice(before).filter((one) => one === 'POST subjects/a-value/versions');
    expect(made).toHaveLength(1);
  });
});

describe('ids of a registry', () => {
  it('are asked for once, also by many at the same time', async () => {
    const { address, asked } = await fakeRegistry(() => FOUND);
    const registry = confluentRegistry({ address });
    const told = await Promise.all([7, 7, 8, 7].map((id) => registry.byId(id)));
    expect(told.map((one) => one?.id)).toEqual([7, 7, 8, 7]);
    await registry.byId(7);
    expect([...asked].sort()).toEqual(['GET schemas/ids/7', 'GET schemas/ids/8']);
  });

  it('that are unknown are not asked for again until a while has passed', async () => {
    let reply = ABSENT;
    const clock = manualClock();
    const { address, asked } = await fakeRegistry(() => reply);
    const registry = confluentRegistry({ address, clock });
    expect(await registry.byId(7)).toBeUndefined();
    reply = FOUND;
    clock.nowMs = UNKNOWN_MS - 1;
    expect(await registry.byId(7)).toBeUndefined();
    expect(asked).toHaveLength(1);
    clock.nowMs = UNKNOWN_MS;
    expect(await registry.byId(7)).toMatchObject({ id: 7, schema: '"long"' });
  });

  it('are remembered up to a bound, known and unknown apart', async () => {
    let asked = 0;
    const known = new KnownSchemas(manualClock(), async (id) => {
      asked += 1;
      return id < 1_000_000 ? { id, subject: '', version: 0, schema: '' } : undefined;
    });
    const askAll = async (from: number, count: number): Promise<number> => {
      const before = asked;
      for (let id = from; id < from + count; id += 1) await known.get(id);
      return asked - before;
    };
    expect(await askAll(0, KNOWN_MAX + 1)).toBe(KNOWN_MAX + 1);
    expect(await askAll(1_000_000, UNKNOWN_MAX + 1)).toBe(UNKNOWN_MAX + 1);
    expect(await askAll(1, KNOWN_MAX)).toBe(0);
    expect(await askAll(1_000_001, UNKNOWN_MAX)).toBe(0);
    expect(await askAll(0, 1)).toBe(1);
    expect(await askAll(1_000_000, 1)).toBe(1);
  });

  it.each<readonly [string, Reply]>([
    ['a proxy that knows no such page', { status: 404, body: '<html>not here</html>' }],
    ['another service', { status: 404, body: { message: 'HTTP 404 Not Found' } }],
    ['a registry that starts', { status: 503, body: '' }],
    ['a registry with a failure', { status: 500, body: { error_code: 50001, message: 'oh' } }],
    ['a page in place of an answer', { status: 200, body: '<html>sign in</html>' }],
  ])('are not taken for unknown because of %s', async (_, bad) => {
    let reply = bad;
    const { address } = await fakeRegistry(() => reply);
    const registry = confluentRegistry({ address });
    await expect(registry.byId(7)).rejects.toMatchObject({
      code: 'SCHEMA_REGISTRY_UNREACHABLE',
      retriable: true,
    });
    reply = FOUND;
    expect(await registry.byId(7)).toMatchObject({ id: 7 });
  });

  it('go on being told while the registry is down, as far as they are known', async () => {
    const fake = await fakeRegistry(() => FOUND);
    const { address } = fake;
    const registry = confluentRegistry({ address });
    await registry.byId(7);
    await fake.close();
    expect(await registry.byId(7)).toMatchObject({ id: 7 });
    await expect(registry.byId(8)).rejects.toMatchObject({
      code: 'SCHEMA_REGISTRY_UNREACHABLE',
      message: expect.stringContaining(`look at the registry at ${address}`) as string,
      retriable: true,
    });
  });

  it('are not waited for longer than an answer may take', async () => {
    const { address } = await fakeRegistry(() => undefined);
    const registry = confluentRegistry({ address, answerMs: 50 });
    await expect(registry.byId(7)).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_UNREACHABLE' });
  });
});

describe('a registry that stays weaker than it was told', () => {
  it('is refused by name, and gets no schema', async () => {
    const { address, asked } = await fakeRegistry((question) => {
      if (question.startsWith('POST')) return ABSENT;
      if (question.startsWith('PUT')) return { status: 200, body: { compatibility: 'NONE' } };
      return { status: 200, body: { compatibilityLevel: 'NONE' } };
    });
    await expect(
      confluentRegistry({ address }).register('a-value', '"long"'),
    ).rejects.toMatchObject({
      code: 'SCHEMA_COMPATIBILITY_WEAK',
      message: expect.stringContaining('a-value is held to NONE') as string,
    });
    expect(asked).not.toContain('POST subjects/a-value/versions');
  });
});

/** What anybody could read of an error. */
const allOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)} ${allOf(error.cause)}`
    : String(error);

describe('a registry that wants to know who it is', () => {
  const auth = { username: 'tidecast', password: PASSWORD };
  const guarded = (_: string, { headers }: IncomingMessage): Reply =>
    headers.authorization === `Basic ${Buffer.from(`tidecast:${PASSWORD}`).toString('base64')}`
      ? FOUND
      : { status: 401, body: { error_code: 40101, message: 'Unauthorized' } };

  it('is told by basic authentication', async () => {
    const { address } = await fakeRegistry(guarded);
    expect(await confluentRegistry({ address, auth }).byId(7)).toMatchObject({ id: 7 });
  });

  it('refuses another password by an error that does not repeat it', async () => {
    const { address } = await fakeRegistry(guarded);
    const wrong = { ...auth, password: 'n0t-the-password' };
    const error: unknown = await confluentRegistry({ address, auth: wrong })
      .byId(7)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'SCHEMA_REGISTRY_AUTHENTICATION', retriable: true });
    expect(allOf(error)).toContain('does not let user tidecast do this (status 401)');
    expect(allOf(error)).not.toContain('n0t-the-password');
    await expect(confluentRegistry({ address }).byId(7)).rejects.toThrow(
      /check kafka.registryAuth/,
    );
  });

  it('is believed by TLS when its authority is known', async () => {
    const files = await makeCertificates(await temporaryFolder());
    const [ca, otherCa, keys, misnamed] = await Promise.all(
      [files.ca, files.otherCa, files.broker, files.misnamed].map((file) => readFile(file)),
    );
    if (!ca || !otherCa || !keys || !misnamed) throw new Error('a certificate is missing');
    const { address } = await fakeRegistry(guarded, { key: keys, cert: keys });
    const ask = (tls?: { readonly ca: Buffer }, at = address) =>
      confluentRegistry({ address: at, auth, tls }).byId(7);
    expect(await ask({ ca })).toMatchObject({ id: 7 });
    for (const tls of [{ ca: otherCa }, undefined]) {
      const error: unknown = await ask(tls).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'SCHEMA_REGISTRY_TLS', retriable: true });
      expect(allOf(error)).toContain('as kafka.registrySsl.ca');
      expect(allOf(error)).not.toContain(PASSWORD);
    }
    const other = await fakeRegistry(guarded, { key: misnamed, cert: misnamed });
    await expect(ask({ ca }, other.address)).rejects.toThrow(/name it in kafka.registry as its/);
    const plain = await fakeRegistry(guarded);
    await expect(ask({ ca }, plain.address.replace('http:', 'https:'))).rejects.toMatchObject({
      code: 'SCHEMA_REGISTRY_TLS',
    });
  });

  it('asks clients for a certificate, and gets it', async () => {
    const files = await makeCertificates(await temporaryFolder());
    const [ca, keys, cert, key] = await Promise.all(
      [files.ca, files.broker, files.clientCert, files.clientKey].map((file) => readFile(file)),
    );
    if (!ca || !keys || !cert || !key) throw new Error('a certificate is missing');
    const tls = { key: keys, cert: keys, ca, requestCert: true, rejectUnauthorized: true };
    const { address } = await fakeRegistry(() => FOUND, tls);
    expect(await confluentRegistry({ address, tls: { ca, cert, key } }).byId(7)).toMatchObject({
      id: 7,
    });
    await expect(confluentRegistry({ address, tls: { ca } }).byId(7)).rejects.toMatchObject({
      retriable: true,
    });
  });
});
