import { ClassicLevel } from 'classic-level';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { LogError } from '../errors.ts';
import type { GroupOffset } from '../log.ts';
import type { PartitionId } from './commit-frame.ts';
import { diskError } from './disk.ts';
import { ownerError } from './owner.ts';
import type { EndRecord, FloorRecord } from './partition.ts';
import type { SegmentRecord } from './segment.ts';

const CACHE_BYTES = 1 << 20;
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
  readonly mark: SyncMark;
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

type Level = ClassicLevel;

const padded = (value: number): string => String(value).padStart(NUMBER_DIGITS, '0');

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

/** The room of the log's LevelDB: what must be found by key, true up to the last sync mark. */
export class LogIndex {
  private readonly level: Level;

  private constructor(level: Level) {
    this.level = level;
  }

  /** Opening takes the folder's lock, which the system gives back however this process ends. */
  static async open(path: string, folder: string): Promise<LogIndex> {
    const level: Level = new ClassicLevel(path, { cacheSize: CACHE_BYTES });
    try {
      await level.open();
      return new LogIndex(level);
    } catch (cause) {
      const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
      if (inner instanceof Error && 'code' in inner && inner.code === 'LEVEL_LOCKED') {
        throw await ownerError(folder, cause);
      }
      throw new LogError(
        'LOG_CORRUPT',
        `${path} cannot be opened: restore the folder from a copy, or start with an empty one ` +
          'and load the sources again',
        { cause },
      );
    }
  }

  async read(): Promise<IndexContent> {
    const [mark] = await this.all<SyncMark>(MARK_KEY);
    return {
      mark: mark ?? { seq: 0, transaction: 0, commitFile: 1 },
      topics: await this.all('topic/'),
      ends: await this.all('end/'),
      floors: await this.all('floor/'),
      segments: await this.all('segment/'),
      groupOffsets: await this.all('group/'),
    };
  }

  /** Survives a power cut once it resolves. */
  async write(change: IndexChange): Promise<void> {
    const batch = this.level.batch();
    for (const gone of change.goneSegments ?? []) batch.del(segmentKey(gone, gone.base));
    for (const [key, entry] of entriesOf(change)) batch.put(key, JSON.stringify(entry));
    try {
      await batch.write({ sync: true });
    } catch (cause) {
      throw diskError(this.level.location, cause);
    }
  }

  async close(): Promise<void> {
    await this.level.close();
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
