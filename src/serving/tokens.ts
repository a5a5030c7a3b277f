import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { HttpFailure } from './failures.ts';
import type { HttpOptions, TokenScope } from './options.ts';

/** What each scope allows, the narrower ones included. */
const RANKS: readonly TokenScope[] = ['read', 'write', 'promote'];

/** Digests are equally long, so that comparing them tells nothing of the secret. */
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whose token each request had, for as long as it lasts. */
const callers = new WeakMap<FastifyRequest, string>();

/** The name of the token that a request had; undefined without one of those configured. */
export const callerOf = (request: FastifyRequest): string | undefined => callers.get(request);

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];

/** Lets nobody through whose token lacks the scope; everyone when no tokens are configured. */
export const requireScope = (
  tokens: HttpOptions['tokens'],
  needed: TokenScope,
): onRequestAsyncHookHandler => {
  const known = tokens.map(({ name, secret, scope }) => ({
    digest: digestOf(secret),
    ...{ name, scope },
  }));
  return async (request) => {
    if (known.length === 0) return;
    const digest = digestOf(bearerOf(request.headers.authorization) ?? '');
    // All are compared, so that the time does not say which.
    const found = known.filter((token) => timingSafeEqual(token.digest, digest));
    const [token] = found;
    if (token === undefined) {
      throw new HttpFailure(
        { status: 401, code: 'TOKEN_REFUSED' },
        'send one of the configured tokens: authorization: Bearer …',
      );
    }
    callers.set(request, token.name);
    if (RANKS.indexOf(token.scope) >= RANKS.indexOf(needed)) return;
    throw new HttpFailure(
      { status: 403, code: 'SCOPE_TOO_NARROW' },
      `this needs a token with the scope ${needed}; this one has ${token.scope}`,
    );
  };
};
