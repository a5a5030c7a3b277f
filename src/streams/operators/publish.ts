import type { Serde } from '../../schemas/serde.ts';
import type { Headers } from '../../log/log.ts';
import { partitionOf } from '../../core/murmur2.ts';
import type { Outbox } from '../batch.ts';

export interface Publisher<T> {
  /** Stages a value on the partition that its key hashes to, as Java clients do. */
  keyed(outbox: Outbox, key: string, value: T, headers?: Headers): void;
  /** Stages a value on a given partition: for topics that are co-partitioned with the source. */
  on(outbox: Outbox, partition: number, key: string, value: T, headers?: Headers): void;
}

export interface PublisherOptions<T> {
  readonly topic: string;
  readonly partitions: number;
  readonly serde: Serde<T>;
}

export const publisher = <T>({ topic, partitions, serde }: PublisherOptions<T>): Publisher<T> => {
  const stage = (
    outbox: Outbox,
    partition: number,
    key: Buffer,
    value: T,
    headers?: Headers,
  ): void => {
    const record = { topic, partition, key, value: serde.encode(value) };
    outbox.records.push(headers === undefined ? record : { ...record, headers });
  };
  return {
    keyed(outbox, key, value, headers) {
      const bytes = Buffer.from(key);
      stage(outbox, partitionOf(bytes, partitions), bytes, value, headers);
    },
    on(outbox, partition, key, value, headers) {
      stage(outbox, partition, Buffer.from(key), value, headers);
    },
  };
};
