import type { HttpConfig } from '../config/config.ts';
import { TOKEN_SECRET } from '../config/schema/process-keys.ts';
import type { HttpOptions } from '../serving/options.ts';
import { CliError } from './errors.ts';
import { secretIn } from './secret-file.ts';

const SENDABLE = new RegExp(TOKEN_SECRET);

/** The tokens of the API with their secrets, those of files included. */
export const httpTokens = ({ tokens }: HttpConfig): HttpOptions['tokens'] =>
  tokens.map(({ name, scope, secret, secretFile = '' }, index) => {
    if (secret !== undefined) return { name, scope, secret };
    const key = `http.tokens.${index}.secretFile`;
    const read = secretIn(secretFile, key);
    if (SENDABLE.test(read)) return { name, scope, secret: read };
    throw new CliError(
      'USAGE',
      `${key} names ${secretFile}, which holds no secret of at least 16 characters, ASCII ` +
        'without spaces',
    );
  });
