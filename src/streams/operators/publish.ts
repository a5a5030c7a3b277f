import { partitionOf } from '../../core/murmur2.ts';
import type { Headers, OutgoingRecord } from '../../log/log.ts';
import type { Serde } from '../../schemas/serde.ts';
import type { Outbox } from '../batch.ts';

/** What is to be published, before it has a topic, a partition and bytes. */
export interface KeyedValue<T> {
  readonly key: string;
  readonly value: T;
  readonly headers?: Headers;
}

export interface Publisher<T> {
  /** Stages a value on the partition that its key hashes to, as Java clients do. */
  keyed(outbox: Outbox, item: KeyedValue<T>): void;
  /** Stages a value on a given partition: for topics that are co-partitioned with the source. */
  on(outbox: Outbox, partition: number, item: KeyedValue<T>): void;
}

export interface PublisherOptions<T> {
  readonly topic: string;
  readonly partitions: number;
  readonly serde: Serde<T>;
}

export const publisher = <T>({ topic, partitions, serde }: PublisherOptions<T>): Publisher<T> => {
  const encode = (
    partition: number,
    key: Buffer,
    { value, headers }: KeyedValue<T>,
  ): OutgoingRecord => {
    const record = { topic, partition, key, value: serde.encode(value) };
    return headers === undefined ? record : { ...record, headers };
  };
  return {
    keyed(outbox, item) {
      const key = Buffer.from(item.key);
      outbox.records.push(encode(partitionOf(key, partitions), key, item));
    },
    on(outbox, partition, item) {
      outbox.records.push(encode(partition, Buffer.from(item.key), item));
    },
  };
};
