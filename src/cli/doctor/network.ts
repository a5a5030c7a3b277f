import { once } from 'node:events';
import { createServer } from 'node:net';
import { messageOf } from '../../core/errors.ts';
import { openRegistry } from '../open-registry.ts';
import { finding, type Check } from './check.ts';

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
      : finding('port', 'fail', `${place} cannot be listened on: ${messageOf(error)}`);
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

/** Whether another application on the same Kafka would write to the same topics. */
export const checkPrefix: Check = async ({ config }) => {
  const { log, kafka } = config;
  if (log !== 'kafka') return [];
  const { topicPrefix } = kafka;
  return topicPrefix === ''
    ? finding(
        'prefix',
        'warn',
        'kafka.topicPrefix is empty: another application on this Kafka would write to the same ' +
          '`models`, `alerts` and topics of streams; set one before the first run',
      )
    : finding('prefix', 'pass', `topics of tidecast begin with ${topicPrefix}`);
};

/** Whether the schema registry answers. */
export const checkRegistry: Check = async ({ config }) => {
  const { registry } = config.kafka;
  if (config.log !== 'kafka') {
    return finding('registry', 'skip', 'the embedded log keeps its own schemas');
  }
  try {
    // Whatever there is of it: an answer is one.
    await openRegistry(config.kafka, ANSWER_MS_MAX).versions('tidecast-doctor');
    return finding('registry', 'pass', `${registry} answers`);
  } catch (error) {
    return finding('registry', 'fail', messageOf(error));
  }
};
