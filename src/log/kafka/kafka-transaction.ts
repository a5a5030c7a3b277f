import { turnOfOthers } from '../../core/turn-of-others.ts';
import { LogError } from '../errors.ts';
import type {
  Acknowledgement,
  GroupOffset,
  OutgoingRecord,
  PackedRecords,
  Transaction,
} from '../log.ts';
import { offset } from '../offset.ts';
import { RecordPacker } from '../record-packer.ts';
import { errorOf, kafkaTypeOf } from './kafka-error.ts';
import type { Epoch } from './epoch.ts';
import { groupBy } from './group-by.ts';
import type { PartitionBatch } from './produce-protocol.ts';
import { isPassing } from './patience.ts';
import { packedBatches } from './packed-batches.ts';
import { sealed, type UnsealedBatch } from './record-batch.ts';
import { produceTo } from './requests.ts';

/** Batches are cut here: a broker takes a megabyte where nothing else is said. */
const LIMITS = { bytes: 900_000, records: 50_000 };
/** Markers of the commit before are written within milliseconds. */
const PATIENCE_MS = 2_000;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Records of one partition, in their order. */
interface Outgoing extends Place {
  readonly batches: readonly UnsealedBatch[];
}

/** One batch for one partition. */
interface OutgoingBatch extends Place {
  readonly batch: UnsealedBatch;
}

const placeOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

/** A transaction of one epoch of a producer. */
export class KafkaTransaction implements Transaction {
  private readonly producer: Epoch;
  /** Partitions that the coordinator was told of. */
  private readonly added = new Set<string>();
  private hasOffsets = false;
  private isDecided = false;

  constructor(producer: Epoch) {
    this.producer = producer;
  }

  async send(records: readonly OutgoingRecord[]): Promise<readonly Acknowledgement[]> {
    const packed = new RecordPacker();
    for (const record of records) packed.add(record);
    return this.sendPacked(packed);
  }

  async sendPacked({ partitions }: PackedRecords): Promise<readonly Acknowledgement[]> {
    const { producer } = this;
    producer.refuseFailed();
    await this.knowTopics(partitions);
    return producer.attempt('records were not written', async () => {
      const borrowed = producer.memory.borrow();
      const batchesOf = async (): Promise<readonly Outgoing[]> => {
        // The request is on its way: what is packed meanwhile is packed while the broker works.
        await turnOfOthers();
        return partitions.map((packed) => ({
          ...{ topic: packed.topic, partition: packed.partition },
          batches: packedBatches(packed, LIMITS, borrowed.lend),
        }));
      };
      const [outgoing] = await Promise.all([batchesOf(), this.addPartitions(partitions)]);
      const acknowledged = await this.sendAll(outgoing);
      // Not after a failure: a socket may still have it.
      borrowed.giveBack();
      return acknowledged;
    });
  }

  async commitOffsets(offsets: readonly GroupOffset[]): Promise<void> {
    const { producer } = this;
    const { coordinator, identity } = producer;
    const groups = new Set(offsets.map(({ group }) => group));
    await producer.attempt('positions were not written', async () => {
      for (const groupId of groups) {
        await coordinator.ask(PATIENCE_MS, async (broker) =>
          broker.addOffsetsToTxn({ ...identity, groupId }),
        );
        this.hasOffsets = true;
        const topics = positionsByTopic(offsets.filter(({ group }) => group === groupId));
        await producer
          .groupCoordinator(groupId)
          .ask(PATIENCE_MS, async (broker) =>
            broker.txnOffsetCommit({ ...identity, groupId, topics }),
          );
      }
    });
  }

  async commit(): Promise<void> {
    await this.decide(true);
  }

  async abort(): Promise<void> {
    await this.decide(false);
  }

  /** Aborts what was never decided, as far as that is possible. */
  async abandon(): Promise<void> {
    if (this.isDecided || !this.hasBegun) return;
    const { coordinator, identity } = this.producer;
    this.isDecided = true;
    try {
      await coordinator.ask(0, async (broker) =>
        broker.endTxn({ ...identity, transactionResult: false }),
      );
    } catch {
      // Whoever opens the next producer does it.
    }
  }

  /** Of an empty transaction the coordinator knows nothing. */
  private get hasBegun(): boolean {
    return this.added.size > 0 || this.hasOffsets;
  }

  private async decide(isCommit: boolean): Promise<void> {
    const { producer } = this;
    producer.refuseFailed();
    if (!this.hasBegun) {
      this.isDecided = true;
      return;
    }
    await producer.attempt(isCommit ? 'no commit' : 'no abort', async () => {
      this.isDecided = true;
      const { coordinator, identity } = producer;
      try {
        // What is refused for a while is not decided, and may be asked again; what is never
        // answered may not.
        await coordinator.ask(PATIENCE_MS, async (broker) =>
          broker.endTxn({ ...identity, transactionResult: isCommit }),
        );
      } catch (error) {
        throw outcomeOf(error);
      }
    });
  }

  /** The first batch of each partition, then the second of each, and so on. */
  private async sendAll(outgoing: readonly Outgoing[]): Promise<readonly Acknowledgement[]> {
    const acknowledged: Acknowledgement[] = [];
    const count = Math.max(0, ...outgoing.map(({ batches }) => batches.length));
    for (let round = 0; round < count; round += 1) {
      const batches = outgoing.flatMap(({ topic, partition, batches: all }) => {
        const batch = all[round];
        return batch === undefined ? [] : [{ topic, partition, batch }];
      });
      for (const one of await this.produce(batches)) acknowledged.push(one);
    }
    return acknowledged;
  }

  /** A topic may have been made since topics were last asked for. */
  private async knowTopics(outgoing: readonly Place[]): Promise<void> {
    const { cluster } = this.producer;
    if (outgoing.some(({ topic }) => !cluster.topics.has(topic))) await cluster.refresh();
    for (const { topic, partition } of outgoing) cluster.leaderOf(topic, partition);
  }

  /**
   * All of them at once, before the first record: the one request that may be refused while the
   * markers of the commit before are written.
   */
  private async addPartitions(outgoing: readonly Place[]): Promise<void> {
    const fresh = outgoing.filter((one) => !this.added.has(placeOf(one)));
    if (fresh.length === 0) return;
    const { coordinator, identity } = this.producer;
    const topics = [...groupBy(fresh, ({ topic }) => topic)].map(([topic, some]) => ({
      topic,
      partitions: some.map(({ partition }) => partition),
    }));
    await coordinator.ask(PATIENCE_MS, async (broker) =>
      broker.addPartitionsToTxn({ ...identity, topics }),
    );
    for (const one of fresh) this.added.add(placeOf(one));
  }

  /** One batch a partition, to all leaders at once. */
  private async produce(outgoing: readonly OutgoingBatch[]): Promise<readonly Acknowledgement[]> {
    const { cluster } = this.producer;
    const byLeader = groupBy(outgoing, ({ topic, partition }) =>
      cluster.leaderOf(topic, partition),
    );
    const sent = await Promise.all(
      [...byLeader].map(async ([leader, all]) => this.produceTo(leader, all)),
    );
    return sent.flat();
  }

  private async produceTo(
    leader: number,
    outgoing: readonly OutgoingBatch[],
  ): Promise<readonly Acknowledgement[]> {
    const { cluster, identity } = this.producer;
    const broker = await cluster.broker(leader);
    const answers = await produceTo(broker, {
      ...identity,
      batches: outgoing.map((one) => this.batchOf(one)),
    });
    return outgoing.map(({ topic, partition, batch: { count } }) => {
      const own = answers.filter((one) => one.topic === topic && one.partition === partition);
      const [answer] = own;
      if (answer === undefined || own.length > 1) {
        const message = `${topic}/${partition} was acknowledged ${own.length} times, not once`;
        throw new LogError('LOG_OUTCOME_UNKNOWN', message, { retriable: true });
      }
      if (answer.errorCode !== 0) throw errorOf(answer.errorCode);
      return { topic, partition, baseOffset: offset(answer.baseOffset), count };
    });
  }

  private batchOf({ topic, partition, batch }: OutgoingBatch): PartitionBatch {
    const { sequences, identity, clock } = this.producer;
    const place = placeOf({ topic, partition });
    const baseSequence = sequences.get(place) ?? 0;
    sequences.set(place, (baseSequence + batch.count) % 2 ** 31);
    const origin = { ...identity, baseSequence, timestampMs: clock.now() };
    return { topic, partition, batch: sealed(batch, origin) };
  }
}

const positionsByTopic = (offsets: readonly GroupOffset[]) =>
  [...groupBy(offsets, ({ topic }) => topic)].map(([topic, some]) => ({
    topic,
    partitions: some.map(({ partition, next }) => ({ partition, offset: next })),
  }));

/**
 * What Kafka refuses is decided; of what it never answered nobody knows, nor of what a coordinator
 * refused for a while: it may have written the decision before it handed over.
 */
const outcomeOf = (error: unknown): unknown => {
  if (kafkaTypeOf(error) !== '' && !isPassing(error)) return error;
  return new LogError('LOG_OUTCOME_UNKNOWN', 'nobody knows what became of the transaction', {
    cause: error,
    retriable: true,
  });
};
