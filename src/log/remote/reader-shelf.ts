import type { Log, LogReader, Polled } from '../log.ts';
import type { Asked } from './protocol.ts';

/** Cursors kept between the polls of clients; one more lets go of the one unused longest. */
const READERS_MAX = 64;

/** A client asks again at once, or has gone; the end of a partition is kept in memory for it. */
const SHELVED_MS = 60_000;

interface Shelved {
  readonly reader: LogReader;
  readonly expiry: NodeJS.Timeout;
}

type Where = Pick<Asked<'more'>, 'topic' | 'partition' | 'from'>;

const nameOf = ({ topic, partition, from }: Where): string => `${topic}/${partition}@${from}`;

/**
 * Requests name their position, so that no client has anything here that it could leave behind; a
 * cursor that stands there already only saves finding the place again.
 */
export class ReaderShelf {
  private readonly log: Log;
  private readonly shelvedMs: number;
  private readonly readers = new Map<string, Shelved>();

  constructor(log: Log, shelvedMs = SHELVED_MS) {
    this.log = log;
    this.shelvedMs = shelvedMs;
  }

  /** Uses the cursor that stands there and keeps it where it then stands; closes one that fails. */
  async with<T extends Pick<Polled, 'next'>>(
    where: Where,
    use: (reader: LogReader) => Promise<T>,
  ): Promise<T> {
    const reader = this.take(where);
    try {
      const used = await use(reader);
      this.put({ ...where, from: used.next }, reader);
      return used;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  closeAll(): void {
    for (const name of [...this.readers.keys()]) this.close(name);
  }

  private take(where: Where): LogReader {
    const name = nameOf(where);
    const kept = this.readers.get(name);
    clearTimeout(kept?.expiry);
    this.readers.delete(name);
    return kept?.reader ?? this.log.reader(where.topic, where.partition, where.from);
  }

  private put(where: Where, reader: LogReader): void {
    const name = nameOf(where);
    this.close(name);
    const expiry = setTimeout(() => this.close(name), this.shelvedMs);
    expiry.unref();
    this.readers.set(name, { reader, expiry });
    const [oldest] = this.readers.keys();
    if (oldest !== undefined && this.readers.size > READERS_MAX) this.close(oldest);
  }

  private close(name: string): void {
    const shelved = this.readers.get(name);
    if (shelved === undefined) return;
    clearTimeout(shelved.expiry);
    this.readers.delete(name);
    shelved.reader.close();
  }
}
