import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { kafkaJars } from './artifacts.ts';

const run = promisify(execFile);

const START_MS = 60_000;
const LOOK_MS = 100;
const STOP_MS = 10_000;

export interface LocalKafkaOptions {
  /** Where jars are kept between starts. */
  readonly cache: string;
  /** Where the broker keeps what it is told. */
  readonly folder: string;
  /** More lines of `server.properties`. */
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** One broker, which is its own controller, as a plain process. */
export interface LocalKafka {
  /** `127.0.0.1:port` */
  readonly address: string;
  stop(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on a port, not on a pipe.
  const { port } = server.address() as { readonly port: number };
  server.close();
  return port;
};

const LOGGING = `Configuration:
  Appenders:
    Console: { name: out, PatternLayout: { pattern: "%d %p %m%n" } }
  Loggers: { Root: { level: WARN, AppenderRef: { ref: out } } }
`;

interface Ports {
  readonly clients: number;
  readonly controller: number;
}

const propertiesOf = (
  { folder, properties = {} }: LocalKafkaOptions,
  { clients, controller }: Ports,
): string => {
  const all: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${clients},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${clients}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'logs'),
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'false',
    ...properties,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
};

const format = async (jars: string, folder: string): Promise<void> => {
  const tool = ['-cp', join(jars, '*'), 'kafka.tools.StorageTool'];
  const { stdout } = await run('java', [...tool, 'random-uuid']);
  const id = stdout.trim().split('\n').at(-1) ?? '';
  await run('java', [...tool, 'format', '-t', id, '-c', join(folder, 'server.properties')]);
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const stopped = async (broker: ChildProcess): Promise<void> => {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const exited = once(broker, 'exit');
  broker.kill('SIGTERM');
  const late = setTimeout(() => broker.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(late);
};

/** Starts a broker on free ports; fetches what it is made of when that is not there yet. */
export const startLocalKafka = async (options: LocalKafkaOptions): Promise<LocalKafka> => {
  const { cache, folder } = options;
  const jars = await kafkaJars(cache);
  const ports = { clients: await freePort(), controller: await freePort() };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'server.properties'), propertiesOf(options, ports));
  await writeFile(join(folder, 'log4j2.yaml'), LOGGING);
  if (!existsSync(join(folder, 'logs'))) await format(jars, folder);
  const broker = spawn(
    'java',
    [
      ...['-Xmx512m', `-Dlog4j2.configurationFile=${join(folder, 'log4j2.yaml')}`],
      ...['-cp', join(jars, '*'), 'kafka.Kafka', join(folder, 'server.properties')],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said = createWriteStream(join(folder, 'kafka.log'));
  broker.stdout.pipe(said);
  broker.stderr.pipe(said);
  for (let waitedMs = 0; !(await answers(ports.clients)); waitedMs += LOOK_MS) {
    if (broker.exitCode !== null || waitedMs > START_MS) {
      await stopped(broker);
      throw new Error(`Kafka did not start: see ${join(folder, 'kafka.log')}`);
    }
    await wait(LOOK_MS);
  }
  return { address: `127.0.0.1:${ports.clients}`, stop: () => stopped(broker) };
};
