import { Broker } from './broker.ts';
import { cacheFolder } from './cache-folder.ts';
import { clusterIdOf, nodeFolder, registryFolder, type BrokerCount } from './cluster.ts';
import { fetchKafka, fetchRegistry, type Say } from './fetching.ts';
import { demandFree, freePorts, HOST } from './ports.ts';
import type { Listener, NodePorts, Properties } from './properties.ts';
import { Registry } from './registry.ts';
import { StarterError } from './starter-error.ts';
import { javaProblem } from './tools.ts';

export interface StartOptions {
  readonly brokers: BrokerCount;
  /** Where data lives; what an earlier start left there is gone on with. */
  readonly folder: string;
  /** More lines of each node's `server.properties`; they win. */
  readonly properties?: Properties;
  /** Beside the plain listener, each with its properties among those above. */
  readonly listeners?: readonly Listener[];
  /** Who may log in by SCRAM, with passwords; made with a fresh folder only. */
  readonly users?: Readonly<Record<string, string>>;
  /** Whether a schema registry is started too; by default it is. */
  readonly registry?: boolean;
  /** Of the first broker, the others have the next; by default free ones. */
  readonly port?: number;
  readonly registryPort?: number;
  /** Where jars are kept; by default the user's cache folder. */
  readonly cache?: string;
  /** Whether brokers shall reach their full speed, for twice the CPU at their start. */
  readonly isLongLived?: boolean;
  /** Hears of what takes a while. */
  readonly say?: Say;
}

/** A node by its number, from 1, or the registry. */
export type Member = number | 'registry';

export interface RunningKafka {
  /** `127.0.0.1:port` of each broker, in order. */
  readonly brokers: readonly string[];
  /** The same for each listener beside the plain one, by its name. */
  readonly listeners: Readonly<Record<string, readonly string[]>>;
  /** Base address for a Confluent client; empty where no registry was asked for. */
  readonly registry: string;
  /** Folder of the jars, among which are Kafka's own tools. */
  readonly jars: string;
  /** Ids of the processes that run. */
  readonly pids: readonly number[];
  /** Resolves when the process has ended, unless the signal is none to die of. */
  kill(member: Member, signal: NodeJS.Signals): Promise<void>;
  /** Starts it on its old data and port, stopped first if it runs; resolves when it answers. */
  restart(member: Member): Promise<void>;
  stop(): Promise<void>;
}

const portsOf = async (options: StartOptions): Promise<readonly NodePorts[]> => {
  const { brokers, port, listeners = [] } = options;
  const each = 2 + listeners.length;
  const free = await freePorts(each * brokers);
  return Array.from({ length: brokers }, (_, index) => {
    const [clients = 0, controller = 0, ...more] = free.slice(each * index, each * (index + 1));
    return { clients: port === undefined ? clients : port + index, controller, more };
  });
};

const demandFreePorts = async (
  { port, registryPort }: StartOptions,
  ports: readonly NodePorts[],
): Promise<void> => {
  if (port !== undefined) {
    for (const { clients } of ports) await demandFree(clients, '--port');
  }
  if (registryPort !== undefined) await demandFree(registryPort, '--registry-port');
};

const prepareBrokers = async (
  options: StartOptions,
  jars: string,
  ports: readonly NodePorts[],
): Promise<readonly Broker[]> => {
  const { brokers: count, folder, properties = {}, listeners = [] } = options;
  const { users = {}, isLongLived = false } = options;
  const clusterId = await clusterIdOf(folder, count);
  const brokers = ports.map((_, index) => {
    const node = index + 1;
    const plan = { node, ports, folder: nodeFolder(folder, node), listeners, properties };
    return new Broker({ jars, clusterId, plan, users, isLongLived });
  });
  await Promise.all(brokers.map((broker) => broker.prepare()));
  return brokers;
};

const prepareRegistry = async (options: StartOptions): Promise<Registry | undefined> => {
  const { registry = true, cache = cacheFolder(), folder, say = () => undefined } = options;
  if (!registry) return undefined;
  const application = await fetchRegistry(cache, say);
  const [free = 0] = await freePorts(1);
  const port = options.registryPort ?? free;
  return new Registry({ application, port, folder: registryFolder(folder) });
};

const running = (
  { jars, listeners = [] }: { readonly jars: string } & Pick<StartOptions, 'listeners'>,
  brokers: readonly Broker[],
  registry: Registry | undefined,
): RunningKafka => {
  const memberOf = (member: Member): Broker | Registry => {
    const found = member === 'registry' ? registry : brokers[member - 1];
    if (found === undefined) throw new Error(`there is no ${member} here`);
    return found;
  };
  return {
    brokers: brokers.map(({ port }) => `${HOST}:${port}`),
    listeners: Object.fromEntries(
      listeners.map(({ name }, index) => [
        name,
        brokers.map(({ morePorts }) => `${HOST}:${morePorts[index] ?? 0}`),
      ]),
    ),
    registry: registry?.address ?? '',
    jars,
    get pids() {
      const members = [...brokers, ...(registry === undefined ? [] : [registry])];
      return members.map(({ pid }) => pid).filter((pid) => pid !== undefined);
    },
    kill: (member, signal) => memberOf(member).kill(signal),
    restart: async (member) => {
      const found = memberOf(member);
      await found.stop();
      await found.launch();
      await found.untilAnswers();
    },
    stop: async () => {
      await registry?.stop();
      await Promise.all(brokers.map((broker) => broker.stop()));
    },
  };
};

/**
 * Starts brokers and registry as plain Java processes and waits until they answer; fetches what
 * they are made of if need be. They end with this process at the latest.
 */
export const startKafka = async (options: StartOptions): Promise<RunningKafka> => {
  const { cache = cacheFolder(), say = () => undefined } = options;
  const problem = await javaProblem();
  if (problem !== undefined) throw new StarterError(`Kafka needs ${problem}, to be installed`);
  const ports = await portsOf(options);
  await demandFreePorts(options, ports);
  const jars = await fetchKafka(cache, say);
  const registry = await prepareRegistry(options);
  say('starting Kafka');
  const brokers = await prepareBrokers(options, jars, ports);
  const kafka = running({ ...options, jars }, brokers, registry);
  try {
    await registry?.launch();
    for (const broker of brokers) await broker.launch();
    const members = [...brokers, ...(registry === undefined ? [] : [registry])];
    await Promise.all(members.map((member) => member.untilAnswers()));
  } catch (error) {
    await kafka.stop();
    throw error;
  }
  return kafka;
};
