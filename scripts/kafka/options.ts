import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import type { BrokerCount } from './cluster.ts';
import { StarterError } from './starter-error.ts';

const KAFKA_PORT = 9092;
const REGISTRY_PORT = 8081;
const PORT_MAX = 65_535;

export const HELP = `Starts Kafka and a schema registry on this machine, until Ctrl-C.

Usage: npm run kafka -- [options]

  --port PORT           of the (first) broker; others have the next (default: ${KAFKA_PORT})
  --registry-port PORT  of the registry (default: ${REGISTRY_PORT})
  --brokers 1|3         how many brokers (default: 1; with 3 without Docker)
  --data FOLDER         where records live without Docker (default: below the cache folder)
  --fresh               forget the records and schemas of earlier starts
  --docker, --no-docker by Docker Compose, or by Java 17 and Maven (default: Docker if it answers)
  --help                this text

Example:
  npm run kafka -- --no-docker --brokers 3 --port 19092 --fresh
`;

export interface KafkaOptions {
  readonly port: number;
  readonly registryPort: number;
  readonly brokers: BrokerCount;
  /** Absolute. */
  readonly data: string;
  readonly isDataGiven: boolean;
  readonly isFresh: boolean;
  /** Undefined: whatever is here. */
  readonly docker: boolean | undefined;
  readonly isHelp: boolean;
}

const portOf = (option: string, text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port <= PORT_MAX) return port;
  throw new StarterError(`--${option} is a number from 1 to ${PORT_MAX}, not ${text}`);
};

const brokersOf = (text = '1'): BrokerCount => {
  if (text === '1') return 1;
  if (text === '3') return 3;
  throw new StarterError(`--brokers is 1 or 3, not ${text}`);
};

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        port: { type: 'string' },
        'registry-port': { type: 'string' },
        brokers: { type: 'string' },
        data: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        docker: { type: 'boolean' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new StarterError(`${said}; npm run kafka -- --help shows all options`, { cause: error });
  }
};

export const kafkaOptions = (args: readonly string[]): KafkaOptions => {
  const values = parsed(args);
  const brokers = brokersOf(values.brokers);
  return {
    port: portOf('port', values.port, KAFKA_PORT),
    registryPort: portOf('registry-port', values['registry-port'], REGISTRY_PORT),
    brokers,
    data: resolve(values.data ?? join(cacheFolder(), 'data', `brokers-${brokers}`)),
    isDataGiven: values.data !== undefined,
    isFresh: values.fresh,
    docker: values.docker,
    isHelp: values.help,
  };
};
