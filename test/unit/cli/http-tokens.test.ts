import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { httpTokens } from '../../../src/cli/http-tokens.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SECRET = 'a-secret-of-sixteen-or-more';

const tokensOf = (token: string): unknown =>
  httpTokens(loadConfig({ builtIn: `http: { tokens: [{ name: a, ${token} }] }`, env: {} }).http);

it('takes the secret of a token from the configuration, or from a file of its own', async () => {
  const file = join(await temporaryFolder(), 'token');
  await writeFile(file, `${SECRET}\n`);
  const expected = [{ name: 'a', secret: SECRET, scope: 'read' }];
  expect(tokensOf(`secret: ${SECRET}`)).toEqual(expected);
  expect(tokensOf(`secretFile: ${file}`)).toEqual(expected);
});

it('refuses a file whose secret no request could send, without repeating it', async () => {
  const file = join(await temporaryFolder(), 'token');
  for (const secret of ['hunter2', 'hunter2 with spaces in it', `${SECRET}\n\n`]) {
    await writeFile(file, secret);
    expect(() => tokensOf(`secretFile: ${file}`)).toThrow(
      /^http\.tokens\.0\.secretFile names .*token, which holds no secret of at least 16/,
    );
    expect(() => tokensOf(`secretFile: ${file}`)).not.toThrow('hunter2');
  }
});
