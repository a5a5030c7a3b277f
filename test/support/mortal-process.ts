import type { Log, LogReader, Transaction, TransactionalProducer } from '../../src/log/log.ts';
import type { Store, StoreFolder } from '../../src/state/store.ts';

/**
 * A process as its log and its disk see it: once killed, nothing that it calls ever returns, so
 * that its code stands still where it was, a transaction open or a commit's answer unread.
 */
export class MortalProcess {
  readonly log: Log;
  readonly stores: StoreFolder;
  private readonly life = new AbortController();
  readonly died: Promise<void>;
  private tellDied: () => void = () => undefined;
  private readonly open = new Set<Store>();

  constructor(log: Log, stores: StoreFolder) {
    this.log = this.mortalLog(log);
    this.died = new Promise((resolve) => {
      this.tellDied = resolve;
    });
    this.stores = {
      open: (path, options) =>
        this.while(async () => {
          const store = await stores.open(path, options);
          this.open.add(store);
          // Killed while it was being opened: its lock is freed all the same.
          if (this.isDead) await store.close();
          return this.mortalStore(store);
        }),
    };
  }

  get isDead(): boolean {
    return this.life.signal.aborted;
  }

  /** As by SIGKILL. What its files' locks are is for the operating system, so they are freed. */
  async kill(): Promise<void> {
    this.life.abort();
    for (const store of this.open) await store.close();
    this.tellDied();
  }

  private async while<T>(run: () => Promise<T>): Promise<T> {
    await this.unlessDead();
    try {
      const result = await run();
      await this.unlessDead();
      return result;
    } catch (error) {
      await this.unlessDead();
      throw error;
    }
  }

  private unlessDead(): Promise<void> {
    return this.isDead ? new Promise(() => undefined) : Promise.resolve();
  }

  private mortalStore(store: Store): Store {
    return {
      checkpoint: () => this.while(() => store.checkpoint()),
      entries: () => store.entries(),
      write: async (entries, options) => {
        // Entries are taken at once, or not at all.
        const written = this.isDead ? Promise.resolve() : store.write(entries, options);
        written.catch(() => {
          // Whoever waits for it hears of it, unless the process is dead.
        });
        await this.while(() => written);
      },
      close: () =>
        this.while(async () => {
          this.open.delete(store);
          await store.close();
        }),
    };
  }

  private mortalReader(reader: LogReader): LogReader {
    const { topic, partition } = reader;
    return {
      topic,
      partition,
      poll: (limits) => this.while(() => reader.poll(limits)),
      more: (signal) => this.while(() => reader.more(signal)),
      seek: (next) => {
        reader.seek(next);
      },
      close: () => {
        reader.close();
      },
    };
  }

  private mortalTransaction(transaction: Transaction): Transaction {
    return {
      send: (records) => this.while(() => transaction.send(records)),
      sendPacked: (records) => this.while(() => transaction.sendPacked(records)),
      commitOffsets: (offsets) => this.while(() => transaction.commitOffsets(offsets)),
      commit: () => this.while(() => transaction.commit()),
      abort: () => this.while(() => transaction.abort()),
    };
  }

  private mortalProducer(producer: TransactionalProducer): TransactionalProducer {
    return {
      begin: () => this.while(async () => this.mortalTransaction(await producer.begin())),
      close: () => this.while(() => producer.close()),
    };
  }

  private mortalLog(log: Log): Log {
    return {
      ensureTopics: (definitions) => this.while(() => log.ensureTopics(definitions)),
      topics: () => this.while(() => log.topics()),
      compareTopics: (wanted) => this.while(() => log.compareTopics(wanted)),
      repairTopics: (wanted) => this.while(() => log.repairTopics(wanted)),
      offsets: (topic, partition) => this.while(() => log.offsets(topic, partition)),
      offsetsOf: (names) => this.while(() => log.offsetsOf(names)),
      groupMembers: (group) => this.while(() => log.groupMembers(group)),
      producer: (id) => this.while(async () => this.mortalProducer(await log.producer(id))),
      reader: (topic, partition, from) => this.mortalReader(log.reader(topic, partition, from)),
      groupOffsets: (group) => this.while(() => log.groupOffsets(group)),
      join: ({ topics }, listener) => this.while(() => this.assignAll(log, topics, listener)),
      sync: () => this.while(() => log.sync()),
      close: () => this.while(() => log.close()),
    };
  }

  /** Every process believes that all partitions are its own: a zombie is the rule here. */
  private async assignAll(
    log: Log,
    topics: readonly string[],
    listener: Parameters<Log['join']>[1],
  ): ReturnType<Log['join']> {
    // A call of the log's own, so that its faults strike here too.
    const membership = await log.join(
      { group: 'heard by nobody', topics },
      { assigned: () => undefined, lost: () => undefined, failed: () => undefined },
    );
    const all = (await log.topics()).find(({ definition }) => definition.name === topics[0]);
    queueMicrotask(() => {
      for (const partition of all?.offsets.keys() ?? []) {
        if (!this.isDead) listener.assigned(partition);
      }
    });
    return membership;
  }
}
