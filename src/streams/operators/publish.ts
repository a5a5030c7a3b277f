import { partitionOf } from '../../core/murmur2.ts';
import type { Headers } from '../../log/log.ts';
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
  const stage = (outbox: Outbox, partition: number, item: KeyedValue<T>): void => {
    const packer = outbox.records.of(topic, partition);
    serde.encodeTo(item.value, packer.begin(item.key));
    packer.end(item.headers);
  };
  return {
    keyed(outbox, item) {
      stage(outbox, partitionOf(Buffer.from(item.key), partitions), item);
    },
    on: stage,
  };
};
