import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { secretIn } from '../../../src/cli/secret-file.ts';
import { loadConfig, type LoadOptions } from '../../../src/config/config.ts';
import { ConfigError } from '../../../src/config/errors.ts';
import { kafkaConfig, kafkaRefusal } from '../../support/kafka-config.ts';

const SECRET = 'hunter2';

const USER = 'mechanism: plain, username: u';

describe('the password of the brokers', () => {
  it.each(['~', '{a: b', '[x', 'a: b # c', '"quoted"', '*star', '0123', 'true'])(
    'is taken from the environment as it stands: %s',
    (password) => {
      const { sasl } = kafkaConfig(`sasl: { ${USER} }`, { TIDECAST_KAFKA_SASL_PASSWORD: password });
      expect(sasl?.password).toBe(password);
    },
  );

  it('is said in one place', () => {
    const says = 'kafka.sasl.passwordFile (built-in:1): one of `password` and `passwordFile` says';
    expect(kafkaRefusal(`sasl: { ${USER} }`)).toContain(says);
    const both = kafkaRefusal(`sasl: { ${USER}, password: ${SECRET}, passwordFile: f }`);
    expect(both).toContain(says);
    expect(both).not.toContain(SECRET);
    expect(kafkaConfig(`sasl: { ${USER}, passwordFile: f }`).sasl?.passwordFile).toBe('f');
  });

  it.each([
    `sasl: { mechanism: plain, password: ${SECRET} }`,
    `sasl: { ${USER}, password: [${SECRET}] }`,
    `sasl: { ${USER}, password: { ${SECRET}: 1 } }`,
    `sasl: { ${USER}, password: *${SECRET} }`,
    `sasl: { ${USER}, password: &${SECRET} }`,
    `sasl: { ${USER}, password: @${SECRET} }`,
    `sasl: { ${USER}, pasword: ${SECRET} }`,
    `sasl: ${SECRET}`,
    `sasl: { ${USER}, password: !e!${SECRET} }`,
  ])('is in no refusal of a configuration: %s', (kafka) => {
    const refusal = kafkaRefusal(kafka);
    expect(refusal).not.toBe('none');
    expect(refusal).not.toContain(SECRET);
  });

  it('is what a file holds, without the end of its line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'password');
    for (const [content, secret] of [
      ['a b ', 'a b '],
      ['a\n', 'a'],
      ['a\r\n', 'a'],
      ['a\n\n', 'a\n'],
    ] as const) {
      await writeFile(file, content);
      expect(secretIn(file, 'kafka.sasl.passwordFile')).toBe(secret);
    }
    await writeFile(file, '\n');
    expect(() => secretIn(file, 'key')).toThrow(`key names ${file}, which is empty`);
    expect(() => secretIn(join(folder, 'none'), 'key')).toThrow('which cannot be read');
  });
});

describe('what cannot be read', () => {
  const refusalOf = (options: LoadOptions): unknown => {
    try {
      return loadConfig({ builtIn: '', env: {}, ...options });
    } catch (error) {
      return error;
    }
  };

  it.each([
    { env: { TIDECAST_KAFKA_SASL: `{ ${USER}, password: ${SECRET}-${SECRET}` } },
    { env: { TIDECAST_HTTP_TOKENS: `[{ name: a, secret: ${SECRET}` } },
    { env: { TIDECAST_HTTP: `tokens ${SECRET}` } },
    { env: { TIDECAST_KAFKA: SECRET } },
    { overrides: [`kafka.sasl={ ${USER}, password: ${SECRET}`] },
    { overrides: [`http.tokens=[{ name: a, secret: "${SECRET}]`] },
    { overrides: [`http.tokens=[{ name: a, secret: !e!${SECRET} }]`] },
    { builtIn: `kafka:\n  sasl:\n    password: |${SECRET}` },
  ])('repeats no secret, nor does its cause: %j', (options) => {
    const error = refusalOf(options);
    expect(error).toBeInstanceOf(ConfigError);
    expect(inspect(error)).not.toContain(SECRET);
  });

  it('is named by where it was said', () => {
    const { message } = refusalOf({ env: { TIDECAST_HTTP_TOKENS: '[' } }) as ConfigError;
    expect(message).toBe('TIDECAST_HTTP_TOKENS: cannot be read as YAML: check brackets and quotes');
  });
});

describe('the secret of a token', () => {
  const refusalOf = (token: string): string => {
    try {
      loadConfig({ builtIn: `http: { tokens: [{ name: a, ${token} }] }`, env: {} });
    } catch (error) {
      return String(error);
    }
    return 'none';
  };

  it.each(['short', '"sixteen and a space"', 'sechzehn-zeichen-ß'])(
    'is one that a request can send: not %s',
    (secret) => {
      expect(refusalOf(`secret: ${secret}`)).toContain(
        'http.tokens.0.secret (built-in:1): "***" does not fit',
      );
    },
  );

  it('is said in one place', () => {
    const says = 'http.tokens.0.secretFile (built-in:1): one of `secret` and `secretFile` says';
    expect(refusalOf('scope: read')).toContain(says);
    expect(refusalOf('secret: a-secret-of-sixteen, secretFile: f')).toContain(says);
    expect(refusalOf('secretFile: f')).toBe('none');
  });
});

describe('a certificate of a client', () => {
  it('comes with its private key', () => {
    expect(kafkaRefusal('ssl: { cert: c }')).toContain('name both `cert` and `key`');
    expect(kafkaRefusal('ssl: { cert: c, key: k }')).toBe('none');
    expect(kafkaRefusal('ssl: { ca: c }')).toBe('none');
  });
});
