import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { refusalOf, type RequestFrame } from './kafka-refusals.ts';

/**
 * What becomes of a request: its connection is cut before it reaches the broker, or once the broker
 * has done it and before its answer arrives, or amid that, behind so many bytes; or it is refused
 * with one of Kafka's error codes.
 */
export type Fate =
  'cut before' | 'cut after' | { readonly cutAfterBytes: number } | { readonly errorCode: number };

/** Decides about each request; undefined: it passes. */
export type Decide = (request: RequestFrame) => Fate | undefined;

const HOST = '127.0.0.1';
const SIZE_BYTES = 4;

/** Cuts a stream of bytes into frames, each from its size on. */
export const frames = (take: (frame: Buffer) => void): ((bytes: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= SIZE_BYTES) {
      const end = SIZE_BYTES + rest.readInt32BE(0);
      if (rest.length < end) return;
      const frame = rest.subarray(0, end);
      rest = rest.subarray(end);
      take(frame);
    }
  };
};

/** One client's connection, and that to the broker which answers it. */
class Passage {
  private readonly proxy: KafkaProxy;
  private readonly client: Socket;
  private readonly broker: Socket;
  /** How much of an answer arrives before it is cut, by the request's number. */
  private readonly doomed = new Map<number, number>();
  /** Answers on their way. */
  private readonly late: Buffer[] = [];

  constructor(proxy: KafkaProxy, client: Socket, port: number) {
    this.proxy = proxy;
    this.client = client;
    this.broker = connect(port, HOST);
    for (const socket of [this.client, this.broker]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.cut());
      socket.on('close', () => this.cut());
    }
    client.on(
      'data',
      frames((frame) => this.request(frame)),
    );
    this.broker.on(
      'data',
      frames((frame) => this.answer(frame)),
    );
  }

  cut(): void {
    this.client.destroy();
    this.broker.destroy();
  }

  private request(bytes: Buffer): void {
    const request = {
      apiKey: bytes.readInt16BE(4),
      correlationId: bytes.readInt32BE(8),
      bytes,
    };
    const fate = this.proxy.fateOf(request);
    if (fate === 'cut before') {
      this.cut();
      return;
    }
    if (typeof fate === 'object' && 'errorCode' in fate) {
      this.send(refusalOf(request, fate.errorCode));
      return;
    }
    if (fate !== undefined) {
      this.doomed.set(request.correlationId, fate === 'cut after' ? 0 : fate.cutAfterBytes);
    }
    this.broker.write(bytes);
  }

  private answer(bytes: Buffer): void {
    const arriving = this.doomed.get(bytes.readInt32BE(SIZE_BYTES));
    if (arriving === undefined) this.send(bytes);
    else if (arriving === 0) this.cut();
    else this.client.write(bytes.subarray(0, arriving), () => this.cut());
  }

  /** In order, however long each takes. */
  private send(bytes: Buffer): void {
    const latencyMs = this.proxy.latency();
    if (latencyMs === 0 && this.late.length === 0) {
      this.client.write(bytes);
      return;
    }
    this.late.push(bytes);
    setTimeout(() => {
      const first = this.late.shift();
      if (first !== undefined && !this.client.destroyed) this.client.write(first);
    }, latencyMs);
  }
}

/**
 * Stands between clients and a broker, which advertises this address, and does to requests what a
 * healthy broker never does.
 */
export class KafkaProxy {
  /** How many milliseconds the next answer takes longer. */
  latency: () => number = () => 0;
  private readonly server: Server;
  private readonly passages = new Set<Passage>();
  private decide: Decide = () => undefined;
  private brokerPort = 0;
  /** Requests that came, by Kafka's number of them. */
  readonly counts = new Map<number, number>();
  /** Requests that had a fate. */
  hits = 0;

  private constructor(server: Server) {
    this.server = server;
    server.on('connection', (socket) => {
      const passage = new Passage(this, socket, this.brokerPort);
      this.passages.add(passage);
      socket.once('close', () => this.passages.delete(passage));
    });
  }

  static async open(): Promise<KafkaProxy> {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    return new KafkaProxy(server);
  }

  get port(): number {
    // It listens on a port, not on a pipe.
    return (this.server.address() as { readonly port: number }).port;
  }

  /** `host:port`, for clients. */
  get address(): string {
    return `${HOST}:${this.port}`;
  }

  /** Leads to the broker at `host:port` from now on. */
  leadTo(address: string | undefined): void {
    this.brokerPort = Number(address?.split(':')[1]);
  }

  /** From now on, in place of what was said before. */
  set fate(decide: Decide) {
    this.decide = decide;
    this.hits = 0;
  }

  /** Lets everything pass, at once; the hits stay counted. */
  heal(): void {
    this.decide = () => undefined;
    this.latency = () => 0;
  }

  fateOf(request: RequestFrame): Fate | undefined {
    this.counts.set(request.apiKey, (this.counts.get(request.apiKey) ?? 0) + 1);
    const fate = this.decide(request);
    if (fate !== undefined) this.hits += 1;
    return fate;
  }

  /** Cuts every connection there is. */
  cutAll(): void {
    for (const passage of this.passages) passage.cut();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cutAll();
    await once(this.server, 'close');
  }
}

/** The next requests of one kind, as many as said; all others pass. */
export const nextOf =
  (apiKey: number, fate: Fate, times = 1): Decide =>
  (request) => {
    if (request.apiKey !== apiKey || times === 0) return undefined;
    times -= 1;
    return fate;
  };
