import type { Log, LogReader, Polled } from '../log.ts';
import type { Asked } from './protocol.ts';

/** Cursors kept between the polls of clients; one more lets go of the one unused longest. */
const READERS_MAX = 64;

type Where = Pick<Asked<'more'>, 'topic' | 'partition' | 'from'>;

const nameOf = ({ topic, partition, from }: Where): string => `${topic}/${partition}@${from}`;

/**
 * Requests name their position, so that no client has anything here that it could leave behind; a
 * cursor that stands there already only saves finding the place again.
 */
export class ReaderShelf {
  private readonly log: Log;
  private readonly readers = new Map<string, LogReader>();

  constructor(log: Log) {
    this.log = log;
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

  private take(where: Where): LogReader {
    const name = nameOf(where);
    const kept = this.readers.get(name);
    this.readers.delete(name);
    return kept ?? this.log.reader(where.topic, where.partition, where.from);
  }

  private put(where: Where, reader: LogReader): void {
    const name = nameOf(where);
    this.readers.get(name)?.close();
    this.readers.delete(name);
    this.readers.set(name, reader);
    if (this.readers.size <= READERS_MAX) return;
    for (const [oldest, unused] of this.readers) {
      unused.close();
      this.readers.delete(oldest);
      return;
    }
  }

  closeAll(): void {
    for (const reader of this.readers.values()) reader.close();
    this.readers.clear();
  }
}
