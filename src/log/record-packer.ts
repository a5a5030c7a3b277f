import type { OutgoingRecord, PackedRecords } from './log.ts';
import { PartitionPacker } from './partition-packer.ts';

/** What one transaction is to append, by partition. */
export class RecordPacker implements PackedRecords {
  private readonly topics = new Map<string, (PartitionPacker | undefined)[]>();
  private readonly all: PartitionPacker[] = [];

  /** Where the records of one partition go. */
  of(topic: string, partition: number): PartitionPacker {
    let partitions = this.topics.get(topic);
    if (partitions === undefined) {
      partitions = [];
      this.topics.set(topic, partitions);
    }
    return partitions[partition] ?? this.made(partitions, topic, partition);
  }

  add(record: OutgoingRecord): void {
    this.of(record.topic, record.partition).add(record);
  }

  get count(): number {
    let count = 0;
    for (const one of this.all) count += one.count;
    return count;
  }

  /** Partitions with something to append. */
  get partitions(): readonly PartitionPacker[] {
    return this.all.filter(({ count }) => count > 0);
  }

  /** Forgets all records; their memory is used again. */
  clear(): void {
    for (const one of this.all) if (one.count > 0) one.clear();
  }

  private made(
    partitions: (PartitionPacker | undefined)[],
    topic: string,
    partition: number,
  ): PartitionPacker {
    const made = new PartitionPacker(topic, partition);
    partitions[partition] = made;
    this.all.push(made);
    return made;
  }
}
