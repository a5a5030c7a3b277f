import { join } from 'node:path';
import { assert } from '../../core/assert.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { raised, type Change } from '../definition-differences.ts';
import { LogError } from '../errors.ts';
import { refuseMismatch } from '../topic-mismatch.ts';
import type { PartitionId } from './commit-frame.ts';
import type { IndexContent, TopicRecord } from './log-index.ts';
import type { OpenFiles } from './open-files.ts';
import { Partition, type FloorRecord } from './partition.ts';
import { Segment } from './segment.ts';

/** As on Kafka; also safe as the name of a folder. */
const NAME = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

export interface SegmentLimits {
  /** Size at which a segment is sealed. */
  readonly segmentBytesMax: number;
  /** The same for compacted topics, whose last segment is never compacted. */
  readonly compactedSegmentBytesMax: number;
}

interface Topic {
  readonly id: number;
  definition: TopicDefinition;
  readonly partitions: readonly Partition[];
}

const idKey = ({ topicId, partition }: PartitionId): string => `${topicId}/${partition}`;

const NEW_FLOOR: FloorRecord = { start: 0, cleanedTo: 0 };

export const isCompacted = ({ cleanup }: TopicDefinition): boolean => cleanup.startsWith('compact');

/** The topics of a log and their partitions, by name and by number. */
export class TopicTable {
  private readonly folder: string;
  private readonly files: Pick<OpenFiles, 'makeFolder'>;
  private readonly limits: SegmentLimits;
  private readonly byName = new Map<string, Topic>();
  private readonly byId = new Map<string, Partition>();
  /** Never given twice: the index may hold what a write that failed had asked for. */
  private lastId = 0;

  constructor(folder: string, files: Pick<OpenFiles, 'makeFolder'>, limits: SegmentLimits) {
    this.folder = folder;
    this.files = files;
    this.limits = limits;
  }

  /** Fills the table with what the index knows, as of its sync mark. */
  load({ topics, floors, ends, segments }: IndexContent): void {
    const floorOf = new Map(floors.map((entry) => [idKey(entry), entry.record]));
    const endOf = new Map(ends.map((entry) => [idKey(entry), entry.record.end]));
    for (const topic of topics) {
      this.add(topic, (id) => [floorOf.get(idKey(id)) ?? NEW_FLOOR, endOf.get(idKey(id)) ?? 0]);
    }
    for (const entry of segments) {
      const partition = this.withId(entry);
      partition?.segments.push(new Segment(partition.settings.folder, entry.record));
    }
  }

  get topics(): Iterable<Topic> {
    return this.byName.values();
  }

  get partitions(): Iterable<Partition> {
    return this.byId.values();
  }

  find(name: string): Topic | undefined {
    return this.byName.get(name);
  }

  topic(name: string): Topic {
    const topic = this.find(name);
    if (topic === undefined) {
      throw new LogError('LOG_UNKNOWN_TOPIC', `there is no topic ${name}; create it first`);
    }
    return topic;
  }

  partition(name: string, partition: number): Partition {
    const found = this.topic(name).partitions[partition];
    if (found === undefined) {
      throw new LogError('LOG_UNKNOWN_TOPIC', `topic ${name} has no partition ${partition}`);
    }
    return found;
  }

  withId(id: PartitionId): Partition | undefined {
    return this.byId.get(idKey(id));
  }

  /** The records of topics that are new or differ; throws before any change. */
  changes(
    definitions: readonly TopicDefinition[],
    change: Change = raised,
  ): readonly TopicRecord[] {
    const records: TopicRecord[] = [];
    for (const definition of definitions) {
      const found =
        this.byName.get(definition.name) ??
        records.find((record) => record.definition.name === definition.name);
      if (found !== undefined) refuseMismatch(found.definition, definition);
      assert(NAME.test(definition.name), `${definition.name} cannot be the name of a topic`);
      assert(definition.partitions > 0, `topic ${definition.name} has no partitions`);
      records.push(
        found === undefined
          ? { id: (this.lastId += 1), definition }
          : { id: found.id, definition: change(found.definition, definition) },
      );
    }
    return records;
  }

  /** Takes over what `changes` returned, once the index has it. */
  accept(records: readonly TopicRecord[]): void {
    for (const record of records) {
      const found = this.byName.get(record.definition.name);
      if (found === undefined) this.add(record, () => [NEW_FLOOR, 0]);
      else found.definition = record.definition;
    }
  }

  private add(
    { id, definition }: TopicRecord,
    recordOf: (id: PartitionId) => readonly [FloorRecord, number],
  ): void {
    this.lastId = Math.max(this.lastId, id);
    const { segmentBytesMax, compactedSegmentBytesMax } = this.limits;
    const partitions = Array.from({ length: definition.partitions }, (_, partition) => {
      const folder = join(this.folder, definition.name, String(partition));
      this.files.makeFolder(folder);
      const settings = {
        topic: definition.name,
        topicId: id,
        partition,
        folder,
        segmentBytesMax: isCompacted(definition) ? compactedSegmentBytesMax : segmentBytesMax,
      };
      const made = new Partition(settings, ...recordOf({ topicId: id, partition }));
      this.byId.set(idKey({ topicId: id, partition }), made);
      return made;
    });
    this.byName.set(definition.name, { id, definition, partitions });
  }
}
