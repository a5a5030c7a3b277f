import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { KafkaOptions } from './options.ts';
import { HOST } from './ports.ts';
import { StarterError } from './starter-error.ts';

const run = promisify(execFile);

const ANSWER_MS = 10_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVICES = ['kafka', 'registry'];
/** As `docker-compose.yml` names it. */
const VOLUME = 'tidecast-kafka';

const succeeds = async (args: readonly string[]): Promise<boolean> => {
  try {
    await run('docker', args, { timeout: ANSWER_MS });
    return true;
  } catch {
    // Not installed, not running, or not ours to use: either way it does not answer.
    return false;
  }
};

/** Whether there is an engine, and Compose to drive it. */
export const dockerAnswers = async (): Promise<boolean> =>
  (await succeeds(['info', '--format', '{{.ServerVersion}}'])) &&
  (await succeeds(['compose', 'version']));

const docker = async (options: KafkaOptions, args: readonly string[]): Promise<void> => {
  const { port, registryPort } = options;
  const child = spawn('docker', args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    // A session of its own: Ctrl-C is ours to pass on, once.
    detached: true,
    env: { ...process.env, KAFKA_PORT: String(port), REGISTRY_PORT: String(registryPort) },
  });
  const [code] = (await once(child, 'exit')) as readonly unknown[];
  if (code !== 0) throw new StarterError(`docker ${args.join(' ')} failed; it says why above`);
};

export interface StartedKafka {
  readonly brokers: readonly string[];
  readonly registry: string;
  stop(): Promise<void>;
}

/** Broker and registry as containers; their health checks say when they answer. */
export const startDocker = async (options: KafkaOptions): Promise<StartedKafka> => {
  if (options.brokers !== 1) {
    throw new StarterError('docker-compose.yml has one broker; three run with --no-docker');
  }
  if (options.isDataGiven) {
    throw new StarterError(`Docker keeps data in the volume ${VOLUME}; --data needs --no-docker`);
  }
  if (!(await dockerAnswers())) {
    throw new StarterError(
      'no Docker engine with Compose answers: start one, or use Java and Maven by --no-docker',
    );
  }
  if (options.isFresh) {
    await docker(options, ['compose', 'rm', '--stop', '--force', ...SERVICES]);
    await docker(options, ['volume', 'rm', '--force', VOLUME]);
  }
  await docker(options, ['compose', 'up', '--detach', '--wait', ...SERVICES]);
  return {
    brokers: [`${HOST}:${options.port}`],
    registry: `http://${HOST}:${options.registryPort}/apis/ccompat/v7`,
    stop: () => docker(options, ['compose', 'stop', ...SERVICES]),
  };
};
