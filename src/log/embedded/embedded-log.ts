import type { TopicDefinition } from '../../schemas/topic.ts';
import {
  differencesOfAll,
  lowered,
  repairByEnsuring,
  surplusOfAll,
  type Change,
} from '../definition-differences.ts';
import { LogError } from '../errors.ts';
import { GroupCoordinator } from '../group-coordinator.ts';
import type {
  AssignmentListener,
  GroupDefinition,
  GroupMemberState,
  GroupOffset,
  Log,
  LogReader,
  Membership,
  PartitionOffsets,
  TopicDifference,
  TopicOffsets,
  TopicState,
  TransactionalProducer,
} from '../log.ts';
import type { Offset } from '../offset.ts';
import { offsetsAmong } from '../offsets-among.ts';
import { systemDisk, unlessDisk } from './disk.ts';
import { openParts, type EmbeddedParts, type PartsOptions } from './embedded-parts.ts';
import { EmbeddedProducer } from './embedded-producer.ts';
import { EmbeddedReader } from './embedded-reader.ts';
import type { TransactionHost } from './embedded-transaction.ts';
import { checkFormat } from './format.ts';
import { LogIndex } from './log-index.ts';
import { OpenFiles } from './open-files.ts';
import { removeOwner, writeOwner, type Owner } from './owner.ts';
import { isCompacted } from './topic-table.ts';

const MAINTENANCE_MS = 10_000;

/** Retention and compaction that look for work by themselves. */
export interface Maintenance {
  readonly everyMs?: number;
  /** Hears of a round that failed; the next one tries again. */
  readonly onFailure: (error: unknown) => void;
}

export interface EmbeddedLogOptions extends PartsOptions {
  /** Left out: only when `maintain` is called. */
  readonly maintenance?: Maintenance;
}

/**
 * The durable log of one process. A commit is in the page cache when it resolves: killing the
 * process loses nothing; a power cut loses what came after the last `sync`, of this log and of the
 * stores that follow it alike.
 */
export class EmbeddedLog implements Log {
  private readonly parts: EmbeddedParts;
  private readonly host: TransactionHost;
  private readonly producers = new Map<string, EmbeddedProducer>();
  private readonly groups = new GroupCoordinator();
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;
  private maintenance: Promise<void> = Promise.resolve();

  constructor(parts: EmbeddedParts) {
    this.parts = parts;
    const { clock, committer, topics } = parts;
    this.host = {
      refuseClosed: () => {
        this.refuseClosed();
      },
      partition: (topic, partition) => topics.partition(topic, partition),
      now: () => clock.now(),
      commit: (transaction) => {
        committer.commit(transaction);
      },
      abort: (transaction) => {
        committer.abort(transaction);
      },
      nextNumber: parts.nextTransaction,
    };
  }

  async ensureTopics(definitions: readonly TopicDefinition[]): Promise<void> {
    await this.changeTopics(definitions);
  }

  async topics(): Promise<readonly TopicState[]> {
    this.refuseClosed();
    return [...this.parts.topics.topics].map(({ definition, partitions }) => ({
      definition,
      offsets: partitions.map(({ offsets }) => offsets),
    }));
  }

  async compareTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    this.refuseClosed();
    return differencesOfAll(wanted, (name) => this.parts.topics.find(name)?.definition);
  }

  repairTopics(definitions: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return repairByEnsuring(this, definitions);
  }

  async lowerTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    const surplus = surplusOfAll(wanted, (name) => this.parts.topics.find(name)?.definition);
    const names = new Set(surplus.map(({ topic }) => topic));
    await this.changeTopics(
      wanted.filter(({ name }) => names.has(name)),
      lowered,
    );
    return surplus;
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    this.refuseClosed();
    return this.parts.topics.partition(topic, partition).offsets;
  }

  async offsetsOf(names: readonly string[]): Promise<readonly TopicOffsets[]> {
    this.refuseClosed();
    return offsetsAmong(await this.topics(), names);
  }

  async producer(transactionalId: string): Promise<TransactionalProducer> {
    this.refuseClosed();
    this.producers.get(transactionalId)?.fence();
    const producer = new EmbeddedProducer(transactionalId, this.host, () => {
      // By now it may be a successor's.
      if (this.producers.get(transactionalId) === producer) this.producers.delete(transactionalId);
    });
    this.producers.set(transactionalId, producer);
    return producer;
  }

  reader(topic: string, partition: number, from: Offset): LogReader {
    const { files, topics } = this.parts;
    const { host } = this;
    const reader = {
      files,
      refuseClosed: () => {
        host.refuseClosed();
      },
    };
    return new EmbeddedReader(reader, topics.partition(topic, partition), from);
  }

  async groupOffsets(group: string): Promise<readonly GroupOffset[]> {
    this.refuseClosed();
    return this.parts.positions.of(group);
  }

  async groupMembers(group: string): Promise<readonly GroupMemberState[]> {
    this.refuseClosed();
    return this.groups.membersOf(group);
  }

  async join(group: GroupDefinition, listener: AssignmentListener): Promise<Membership> {
    this.refuseClosed();
    const counts = group.topics.map((topic) => this.parts.topics.topic(topic).partitions.length);
    return this.groups.join(group, counts, listener);
  }

  async sync(): Promise<void> {
    this.refuseClosed();
    await this.parts.syncer.sync();
  }

  /** Lets other commands reach this process; see `readOwner`. */
  async announce(how: Omit<Owner, 'pid'>): Promise<void> {
    this.refuseClosed();
    await writeOwner(this.parts.folder, { pid: process.pid, ...how });
  }

  /** Drops what retention no longer keeps and compacts where it is worth it. */
  async maintain(): Promise<void> {
    this.refuseClosed();
    await this.parts.cleanup.retain();
    await this.parts.cleanup.compact({ always: false, refuseClosed: () => this.refuseClosed() });
  }

  /** Compacts all compacted topics to their last record, whatever it costs. */
  async compact(): Promise<void> {
    this.refuseClosed();
    for (const { definition, partitions } of this.parts.topics.topics) {
      if (isCompacted(definition)) for (const partition of partitions) partition.seal();
    }
    await this.parts.cleanup.compact({ always: true, refuseClosed: () => this.refuseClosed() });
  }

  /** Drops whole segments before an offset; the one that is appended to stays. */
  async trim(topic: string, partition: number, to: Offset): Promise<void> {
    this.refuseClosed();
    await this.parts.cleanup.trim(this.parts.topics.partition(topic, partition), to);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    clearInterval(this.timer);
    this.isClosed = true;
    const { files, index, syncer, topics, folder } = this.parts;
    for (const { waiters } of topics.partitions) waiters.wake();
    await this.maintenance;
    try {
      for (const producer of this.producers.values()) producer.fence();
      await syncer.sync();
      await removeOwner(folder);
    } finally {
      files.close();
      await index.close();
    }
  }

  /** Looks for work of retention and compaction now and then, one round after the other. */
  maintainNowAndThen({ everyMs = MAINTENANCE_MS, onFailure }: Maintenance): void {
    let isBusy = false;
    const round = async (): Promise<void> => {
      isBusy = true;
      try {
        await this.maintain();
      } catch (error) {
        if (!this.isClosed) onFailure(error);
      } finally {
        isBusy = false;
      }
    };
    this.timer = setInterval(() => {
      if (!isBusy) this.maintenance = round();
    }, everyMs);
    this.timer.unref();
  }

  private async changeTopics(
    definitions: readonly TopicDefinition[],
    change?: Change,
  ): Promise<void> {
    this.refuseClosed();
    const { topics, index, syncer } = this.parts;
    await syncer.serially(async () => {
      const records = topics.changes(definitions, change);
      await index.write({ topics: records });
      topics.accept(records);
    });
  }

  private refuseClosed(): void {
    if (this.isClosed) throw new LogError('LOG_CLOSED', 'the log is closed');
  }
}

const openLog = async (options: EmbeddedLogOptions): Promise<EmbeddedLog> => {
  const { folder, disk = systemDisk } = options;
  const files = new OpenFiles(disk);
  files.makeFolder(folder);
  await checkFormat(folder);
  const index = await LogIndex.open(folder);
  try {
    await writeOwner(folder, { pid: process.pid });
    return new EmbeddedLog(await openParts(options, { files, index }));
  } catch (error) {
    files.close();
    await index.close();
    throw error;
  }
};

/** Opens the log of a folder for this process alone, or says which process has it. */
export const openEmbeddedLog = async (options: EmbeddedLogOptions): Promise<EmbeddedLog> => {
  const { folder, maintenance } = options;
  try {
    const log = await openLog(options);
    if (maintenance !== undefined) log.maintainNowAndThen(maintenance);
    return log;
  } catch (error) {
    throw unlessDisk(folder, error);
  }
};
