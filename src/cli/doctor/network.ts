import { once } from 'node:events';
import { createServer } from 'node:net';
import { finding, said, type Check } from './check.ts';

/** A registry that takes longer is as good as none. */
const ANSWER_MS_MAX = 3_000;

/** Whether the API could listen. */
export const checkPort: Check = async ({ config }) => {
  const { host, port } = config.http;
  const place = `${host}:${port}`;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return finding('port', 'pass', `${place} is free`);
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    return isTaken
      ? finding('port', 'warn', `${place} is taken: by tidecast itself, or set http.port`)
      : finding('port', 'fail', `${place} cannot be listened on: ${said(error)}`);
  } finally {
    server.close();
  }
};

/** Whether the API is open to others without a token. */
export const checkTokens: Check = async ({ config }) => {
  const { host, tokens } = config.http;
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (tokens.length > 0) return finding('tokens', 'pass', `${tokens.length} callers have a token`);
  return isLocal
    ? finding('tokens', 'pass', 'none needed: only this machine reaches the API')
    : finding('tokens', 'warn', `${host} is open to everyone: set http.tokens`);
};

/** Whether the schema registry answers. */
export const checkRegistry: Check = async ({ config }) => {
  const { registry } = config.kafka;
  if (config.log !== 'kafka') {
    return finding('registry', 'skip', 'the embedded log keeps its own schemas');
  }
  try {
    const answer = await fetch(
      new URL('subjects', registry.endsWith('/') ? registry : `${registry}/`),
      {
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      },
    );
    return answer.ok
      ? finding('registry', 'pass', `${registry} answers`)
      : finding('registry', 'fail', `${registry} answers ${answer.status}: check kafka.registry`);
  } catch (error) {
    return finding('registry', 'fail', `${registry} does not answer: ${said(error)}`);
  }
};
