import { join } from 'node:path';
import { HOST } from './ports.ts';

export type Properties = Readonly<Record<string, string | number>>;

export interface NodePorts {
  readonly clients: number;
  readonly controller: number;
  /** Of the listeners beside that of clients, in order. */
  readonly more: readonly number[];
}

/** Where clients may connect beside the plain listener: by TLS, a password, or through others. */
export interface Listener {
  /** In capitals; its properties begin with `listener.name.` and it in lower case. */
  readonly name: string;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT';
  /** What each node says of itself there, in order: the ports of whoever stands in between. */
  readonly advertisedPorts?: readonly number[];
}

export interface NodePlan {
  /** From 1. */
  readonly node: number;
  /** Of all nodes, in order: each is broker and controller. */
  readonly ports: readonly NodePorts[];
  readonly folder: string;
  readonly listeners: readonly Listener[];
  /** Beside and before those that are set here. */
  readonly properties: Properties;
}

const QUORUM = 3;
const INTERNAL_PARTITIONS = 4;
/** A node that was killed is let in again only once its old session is over; by default 9 s. */
const BROKER_SESSION_MS = 3_000;
const BROKER_HEARTBEAT_MS = 500;

/** Small internal topics, on all brokers; topics are created by who knows their partitions. */
const clusterProperties = (brokers: number): Properties => {
  const inSync = Math.max(1, brokers - 1);
  return {
    'default.replication.factor': brokers,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': Math.min(brokers, QUORUM),
    'transaction.state.log.replication.factor': Math.min(brokers, QUORUM),
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': Math.min(brokers, QUORUM),
    'share.coordinator.state.topic.min.isr': inSync,
    'offsets.topic.num.partitions': INTERNAL_PARTITIONS,
    'transaction.state.log.num.partitions': INTERNAL_PARTITIONS,
    'share.coordinator.state.topic.num.partitions': INTERNAL_PARTITIONS,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'false',
  };
};

const nodeProperties = ({ node, ports, folder, listeners }: NodePlan): Properties => {
  const { clients, controller, more } = ports[node - 1] ?? { clients: 0, controller: 0, more: [] };
  const voters = ports.map((each, index) => `${index + 1}@${HOST}:${each.controller}`);
  const open = [
    `PLAINTEXT://${HOST}:${clients}`,
    ...listeners.map(({ name }, index) => `${name}://${HOST}:${more[index] ?? 0}`),
  ];
  const advertised = [
    `PLAINTEXT://${HOST}:${clients}`,
    ...listeners.map(({ name, advertisedPorts }, index) => {
      const port = advertisedPorts?.[node - 1] ?? more[index] ?? 0;
      return `${name}://${HOST}:${port}`;
    }),
  ];
  return {
    'process.roles': 'broker,controller',
    'node.id': node,
    'controller.quorum.voters': voters.join(','),
    'listener.security.protocol.map': [
      ...['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT'],
      ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
    ].join(','),
    listeners: [...open, `CONTROLLER://${HOST}:${controller}`].join(','),
    'advertised.listeners': advertised.join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'broker.session.timeout.ms': BROKER_SESSION_MS,
    'broker.heartbeat.interval.ms': BROKER_HEARTBEAT_MS,
    'log.dirs': join(folder, 'logs'),
  };
};

/** The text of a node's `server.properties`. */
export const serverProperties = (plan: NodePlan): string => {
  const all: Properties = {
    ...clusterProperties(plan.ports.length),
    ...nodeProperties(plan),
    ...plan.properties,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
};
