import { assert } from '../../core/assert.ts';
import { LogError } from '../errors.ts';
import type {
  Acknowledgement,
  GroupOffset,
  OutgoingRecord,
  PackedRecords,
  Transaction,
  TransactionalProducer,
} from '../log.ts';
import { unpacked } from '../packed-reader.ts';
import { recordBytes, refuseTooLarge } from '../record-size.ts';
import type { Connection } from './connection.ts';
import { PORTION_BYTES_MAX } from './protocol.ts';
import { encodeOutgoing } from './record-bytes.ts';

/** What one producer asks for: its number at the owner, one request after the other. */
class Requests {
  readonly id: string;
  readonly producer: number;
  readonly connection: Connection;
  private last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, id: string, producer: number) {
    this.connection = connection;
    this.id = id;
    this.producer = producer;
  }

  /** Connections may overtake each other, requests of one producer must not. */
  serially<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.last.then(run, run);
    this.last = mine;
    return mine;
  }
}

/** Records in portions that one request can carry; records beyond the limit are refused. */
function* portions(records: readonly OutgoingRecord[]): Generator<readonly OutgoingRecord[]> {
  let start = 0;
  let portionBytes = 0;
  for (const [index, record] of records.entries()) {
    const bytes = recordBytes(record);
    refuseTooLarge(record, bytes);
    if (index > start && portionBytes + bytes > PORTION_BYTES_MAX) {
      yield records.slice(start, index);
      start = index;
      portionBytes = 0;
    }
    portionBytes += bytes;
  }
  if (start < records.length) yield records.slice(start);
}

/** Joins what follows the one before without a gap: a send is one, whatever carried it. */
const joined = (acknowledged: readonly Acknowledgement[]): readonly Acknowledgement[] => {
  const last = new Map<string, Acknowledgement>();
  const whole: Acknowledgement[] = [];
  for (const one of acknowledged) {
    const place = `${one.topic}/${one.partition}`;
    const before = last.get(place);
    const follows = before !== undefined && before.baseOffset + before.count === one.baseOffset;
    const merged = follows ? { ...before, count: before.count + one.count } : one;
    if (follows) whole[whole.indexOf(before)] = merged;
    else whole.push(merged);
    last.set(place, merged);
  }
  return whole;
};

/** It begins at the owner with the first request within it: most have a single one. */
class RemoteTransaction implements Transaction {
  isOver = false;
  /** true: a request failed, so that what the owner made of it is to be asked. */
  hasFailed = false;
  private readonly requests: Requests;
  private hasBegun: boolean;

  constructor(requests: Requests, hasBegun: boolean) {
    this.requests = requests;
    this.hasBegun = hasBegun;
  }

  async send(records: readonly OutgoingRecord[]): Promise<readonly Acknowledgement[]> {
    this.refuseOver();
    const { producer, connection } = this.requests;
    // All of them before the first is sent: a record too large harms none of its neighbours.
    const encoded = [...portions(records)].map(encodeOutgoing);
    const acknowledged: Acknowledgement[] = [];
    for (const { places, bytes } of encoded) {
      const { answer } = await this.within((begins) =>
        connection.call('send', { producer, begins, places }, { bytes }),
      );
      acknowledged.push(...answer);
    }
    return joined(acknowledged);
  }

  async sendPacked({ partitions }: PackedRecords): Promise<readonly Acknowledgement[]> {
    return this.send(partitions.flatMap((packed) => [...unpacked(packed)]));
  }

  async commitOffsets(offsets: readonly GroupOffset[]): Promise<void> {
    this.refuseOver();
    const { producer, connection } = this.requests;
    await this.within((begins) => connection.call('commit-offsets', { producer, begins, offsets }));
  }

  async commit(): Promise<void> {
    this.refuseOver();
    this.isOver = true;
    const { id, producer, connection } = this.requests;
    try {
      await this.requests.serially(async () => {
        if (this.hasBegun) await connection.call('commit', producer);
      });
    } catch (cause) {
      this.hasFailed = true;
      if (!(cause instanceof LogError) || cause.code !== 'LOG_UNREACHABLE') throw cause;
      throw new LogError(
        'LOG_OUTCOME_UNKNOWN',
        `the owner of the log did not say whether it took the commit of ${id}: look into the ` +
          'topic before the call is repeated',
        { cause, retriable: true },
      );
    }
  }

  async abort(): Promise<void> {
    this.refuseOver();
    this.isOver = true;
    const { producer, connection } = this.requests;
    await this.requests.serially(async () => {
      if (this.hasBegun) await connection.call('abort', producer);
    });
  }

  private async within<T>(call: (begins: boolean) => Promise<T>): Promise<T> {
    try {
      return await this.requests.serially(() => {
        const begins = !this.hasBegun;
        this.hasBegun = true;
        return call(begins);
      });
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  private refuseOver(): void {
    this.requests.connection.refuseClosed();
    if (!this.isOver) return;
    throw new LogError('LOG_FENCED', `the transaction of ${this.requests.id} is over`, {
      retriable: true,
    });
  }
}

/** A producer of the log's owner, driven from here. */
export class RemoteProducer implements TransactionalProducer {
  private readonly requests: Requests;
  private transaction: RemoteTransaction | undefined;
  isClosed = false;

  private constructor(requests: Requests) {
    this.requests = requests;
  }

  static async open(connection: Connection, id: string): Promise<RemoteProducer> {
    const { answer } = await connection.call('open-producer', id);
    return new RemoteProducer(new Requests(connection, id, answer));
  }

  /** As on Kafka, a producer that was fenced meanwhile hears of it at its first request within. */
  async begin(): Promise<Transaction> {
    const { id, producer, connection } = this.requests;
    connection.refuseClosed();
    const { isOver = true, hasFailed = false } = this.transaction ?? {};
    assert(isOver || hasFailed, `${id} already has an open transaction`);
    if (hasFailed) await this.requests.serially(() => connection.call('begin', producer));
    this.transaction = new RemoteTransaction(this.requests, hasFailed);
    return this.transaction;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const { producer, connection } = this.requests;
    await this.requests.serially(() => connection.call('close-producer', producer));
  }
}
