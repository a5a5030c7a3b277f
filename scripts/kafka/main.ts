import { clearCluster } from './cluster.ts';
import { dockerAnswers, startDocker, type StartedKafka } from './docker.ts';
import { HELP, kafkaOptions, type KafkaOptions } from './options.ts';
import { startKafka } from './start-kafka.ts';
import { StarterError } from './starter-error.ts';
import { missingTools } from './tools.ts';

const LOOK_MS = 1_000;
const INTERRUPTED = 130;

const startJava = async (options: KafkaOptions): Promise<StartedKafka> => {
  const missing = await missingTools();
  if (missing.length > 0) {
    const wanted = missing.join(' and ');
    throw new StarterError(`no Docker engine is used, so install ${wanted}; or start Docker`);
  }
  if (options.isFresh) await clearCluster(options.data);
  console.log(`records and logs: ${options.data}`);
  const { brokers, port, registryPort, data: folder } = options;
  const say = (words: string): void => console.log(words);
  return startKafka({ brokers, port, registryPort, folder, say, isLongLived: true });
};

/**
 * Resolves at Ctrl-C, at a request to end, or when whoever started us is gone: a terminal that was
 * closed, a runner that was killed.
 */
const untilEnd = (): Promise<void> =>
  new Promise((resolve) => {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) resolve();
    }, LOOK_MS).unref();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        resolve();
      });
    }
  });

const run = async (options: KafkaOptions): Promise<void> => {
  const end = untilEnd();
  let isUp = false;
  // What was begun ends with this process: its guards see to it.
  void end.then(() => isUp || process.exit(INTERRUPTED));
  const useDocker = options.docker ?? (!options.isDataGiven && (await dockerAnswers()));
  const kafka = await (useDocker ? startDocker(options) : startJava(options));
  isUp = true;
  console.log(`kafka: ${kafka.brokers.join(',')}`);
  console.log(`registry: ${kafka.registry}`);
  console.log('Ctrl-C stops both');
  // A promise alone would not keep the process; containers are not its children.
  const alive = setInterval(() => undefined, LOOK_MS);
  await end;
  clearInterval(alive);
  console.log('stopping');
  await kafka.stop();
};

try {
  const options = kafkaOptions(process.argv.slice(2));
  if (options.isHelp) console.log(HELP);
  else await run(options);
} catch (error) {
  if (!(error instanceof StarterError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
