import { join } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import type { TopicDefinition } from '../../schemas/topic.ts';
import type { GroupOffset } from '../log.ts';
import type { PartitionId } from './commit-frame.ts';
import { diskError } from './disk.ts';
import { FolderLock } from './folder-lock.ts';
import { openLevel } from './open-level.ts';
import type { EndRecord, FloorRecord } from './partition.ts';
import type { SegmentRecord } from './segment.ts';

const NUMBER_DIGITS = 16;

export interface TopicRecord {
  readonly id: number;
  readonly definition: TopicDefinition;
}

/** Up to where the index is true; commit frames after it have to be read again at the open. */
export interface SyncMark {
  readonly seq: number;
  readonly transaction: number;
  /** The first commit file that holds frames after the mark. */
  readonly commitFile: number;
}

interface EndEntry extends PartitionId {
  readonly record: EndRecord;
}

interface FloorEntry extends PartitionId {
  readonly record: FloorRecord;
}

interface SegmentEntry extends PartitionId {
  readonly record: SegmentRecord;
}

/** All that the index holds. */
export interface IndexContent {
  /** Absent in an index that is new. */
  readonly mark: SyncMark | undefined;
  readonly topics: readonly TopicRecord[];
  readonly ends: readonly EndEntry[];
  readonly floors: readonly FloorEntry[];
  readonly segments: readonly SegmentEntry[];
  readonly groupOffsets: readonly GroupOffset[];
}

/** What one write of the index changes, all of it or nothing. */
export interface IndexChange {
  readonly mark?: SyncMark;
  readonly topics?: readonly TopicRecord[];
  readonly ends?: readonly EndEntry[];
  readonly floors?: readonly FloorEntry[];
  readonly segments?: readonly SegmentEntry[];
  readonly groupOffsets?: readonly GroupOffset[];
  readonly goneSegments?: readonly (PartitionId & { readonly base: number })[];
}

const padded = (value: number): string => String(value).padStart(NUMBER_DIGITS, '0');

const indexPath = (folder: string): string => join(folder, 'index');

const MARK_KEY = 'mark';
const topicKey = (name: string): string => `topic/${name}`;
const partitionKey = (kind: 'end' | 'floor', { topicId, partition }: PartitionId): string =>
  `${kind}/${padded(topicId)}/${padded(partition)}`;
const segmentKey = ({ topicId, partition }: PartitionId, base: number): string =>
  `segment/${padded(topicId)}/${padded(partition)}/${padded(base)}`;
const groupKey = ({ group, topic, partition }: GroupOffset): string =>
  `group/${JSON.stringify([group, topic, partition])}`;

const entriesOf = ({
  mark,
  topics = [],
  ends = [],
  floors = [],
  segments = [],
  groupOffsets = [],
}: IndexChange): readonly (readonly [key: string, entry: object])[] => [
  ...topics.map((topic) => [topicKey(topic.definition.name), topic] as const),
  ...ends.map((entry) => [partitionKey('end', entry), entry] as const),
  ...floors.map((entry) => [partitionKey('floor', entry), entry] as const),
  ...segments.map((entry) => [segmentKey(entry, entry.record.base), entry] as const),
  ...groupOffsets.map((entry) => [groupKey(entry), entry] as const),
  ...(mark === undefined ? [] : [[MARK_KEY, mark] as const]),
];

/** What of a log must be found by key, in a LevelDB, true up to the last sync mark. */
export class LogIndex {
  private readonly folder: string;
  private readonly lock: FolderLock;
  private level: ClassicLevel;
  private isTorn = false;

  private constructor(folder: string, lock: FolderLock, level: ClassicLevel) {
    this.folder = folder;
    this.lock = lock;
    this.level = level;
  }

  /** Takes the folder's lock, and keeps it until the close. */
  static async open(folder: string): Promise<LogIndex> {
    const lock = await FolderLock.take(folder);
    try {
      return new LogIndex(folder, lock, await openLevel(indexPath(folder), folder));
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async read(): Promise<IndexContent> {
    const [mark] = await this.all<SyncMark>(MARK_KEY);
    return {
      mark,
      topics: await this.all('topic/'),
      ends: await this.all('end/'),
      floors: await this.all('floor/'),
      segments: await this.all('segment/'),
      groupOffsets: await this.all('group/'),
    };
  }

  /** Survives a power cut once it resolves. To be called one after the other. */
  async write(change: IndexChange): Promise<void> {
    if (this.isTorn) await this.reopen();
    const batch = this.level.batch();
    for (const gone of change.goneSegments ?? []) batch.del(segmentKey(gone, gone.base));
    for (const [key, entry] of entriesOf(change)) batch.put(key, JSON.stringify(entry));
    try {
      await batch.write({ sync: true });
    } catch (cause) {
      this.isTorn = true;
      throw diskError(indexPath(this.folder), cause);
    }
  }

  async close(): Promise<void> {
    try {
      await this.level.close();
    } finally {
      await this.lock.release();
    }
  }

  /**
   * LevelDB leaves the torn end of a write that failed in its journal, writes on behind it, and
   * when it is opened the next time finds nothing of what came after. So that comes first.
   */
  private async reopen(): Promise<void> {
    await this.level.close();
    this.level = await openLevel(indexPath(this.folder), this.folder);
    this.isTorn = false;
  }

  private async all<T>(prefix: string): Promise<readonly T[]> {
    const values: T[] = [];
    for await (const value of this.level.values({ gte: prefix, lt: `${prefix}\uffff` })) {
      // Written by `write` alone, in a format that the folder's number names.
      values.push(JSON.parse(value) as T);
    }
    return values;
  }
}
