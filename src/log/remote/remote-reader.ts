import { abortedBy } from '../../core/aborted-by.ts';
import { LogError } from '../errors.ts';
import type { LogReader, Polled, PollLimits } from '../log.ts';
import type { Offset } from '../offset.ts';
import type { Connection } from './connection.ts';
import type { Asked, Place } from './protocol.ts';
import { decodeRecords } from './record-bytes.ts';

export interface ReaderHost {
  readonly connection: Connection;
  /** Aborts when the log is closed here. */
  readonly closing: AbortSignal;
}

/** A cursor that is kept here alone: the owner of the log is told where it stands. */
export class RemoteReader implements LogReader {
  readonly topic: string;
  readonly partition: number;
  private readonly connection: Connection;
  private readonly closing = new AbortController();
  private readonly logClosing: AbortSignal;
  private position: Offset;

  constructor({ connection, closing }: ReaderHost, [topic, partition]: Place, from: Offset) {
    this.connection = connection;
    this.logClosing = closing;
    this.topic = topic;
    this.partition = partition;
    this.position = from;
  }

  async poll(limits: PollLimits): Promise<Polled> {
    this.refuseClosed();
    const from = this.position;
    const { answer, bytes } = await this.connection.call('poll', { ...this.where(), ...limits });
    const { next } = answer;
    if (this.position === from) this.position = next;
    return { records: decodeRecords([this.topic, this.partition], bytes), next };
  }

  /** Asks again for as long as the owner answers that nothing has come. */
  async more(signal: AbortSignal): Promise<void> {
    const over = abortedBy(signal, this.closing.signal, this.logClosing);
    const isOver = (): boolean => over.signal.aborted;
    try {
      while (!isOver()) {
        const { answer } = await this.connection.call('more', this.where(), over);
        if (answer) return;
      }
    } catch (error) {
      if (!isOver()) throw error;
    } finally {
      over.abort();
    }
  }

  seek(next: Offset): void {
    this.position = next;
  }

  close(): void {
    this.closing.abort();
  }

  private where(): Asked<'more'> {
    return { topic: this.topic, partition: this.partition, from: this.position };
  }

  private refuseClosed(): void {
    this.connection.refuseClosed();
    if (this.closing.signal.aborted) throw new LogError('LOG_CLOSED', 'the reader is closed');
  }
}
