import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
// Its types know `hide`, which keeps the page out of the API's document.
import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Nothing from elsewhere, nothing inline: what a record says can be shown, and never run. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Beside this file in `src` as in `dist`. */
const ASSETS = fileURLToPath(new URL('assets/', import.meta.url));

/**
 * The page at `/` and its files below `/assets/`. Plain files, so there is nothing to build: what
 * is edited in `src` is what the browser gets, and uPlot comes from where it is installed.
 */
export const dashboard = async (app: FastifyInstance): Promise<void> => {
  const require = createRequire(import.meta.url);
  const uplot = dirname(require.resolve('uplot/dist/uPlot.esm.js'));
  const setHeaders = (reply: { setHeader(name: string, value: string): unknown }): void => {
    for (const [name, value] of Object.entries(HEADERS)) reply.setHeader(name, value);
  };
  await app.register(fastifyStatic, { root: ASSETS, prefix: '/assets/', setHeaders });
  await app.register(fastifyStatic, {
    root: uplot,
    prefix: '/assets/vendor/',
    decorateReply: false,
    setHeaders,
  });
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
};
