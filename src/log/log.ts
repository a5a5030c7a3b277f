import type { TopicDefinition } from '../schemas/topic.ts';
import type { Offset } from './offset.ts';

export type Headers = Readonly<Record<string, string>>;

/** A record to append. The partition is explicit: a log never chooses one. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Headers;
}

/** Some records of a partition, one after the other in the layout of packed-layout.ts. */
export interface PackedChunk {
  /** A head of free bytes, then the records. */
  readonly bytes: Buffer;
  readonly count: number;
}

/** Records on their way to one partition, encoded already. */
export interface PackedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  chunks(): readonly PackedChunk[];
}

/** What one transaction is to append, by partition; none is empty. */
export interface PackedRecords {
  readonly partitions: readonly PackedPartition[];
}

/** A committed record. Its buffers may be views of a larger read: copy what outlives the batch. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: Offset;
  /** Append time by the log's clock, epoch ms. */
  readonly appendedAtMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

export interface PollLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

export interface Polled {
  readonly records: readonly LogRecord[];
  /**
   * Resume here: the last offset that this poll covered, control records and compacted gaps
   * included, + 1.
   */
  readonly next: Offset;
}

/** A cursor over the committed records of one partition. */
export interface LogReader {
  readonly topic: string;
  readonly partition: number;
  /**
   * The next committed records, or none at the stable end. Never waits, never splits a limit by
   * less than one record.
   */
  poll(limits: PollLimits): Promise<Polled>;
  /** Resolves once `poll` may return more, or when the signal aborts. */
  more(signal: AbortSignal): Promise<void>;
  seek(next: Offset): void;
  close(): void;
}

export interface PartitionOffsets {
  /** The earliest offset that retention left. */
  readonly start: Offset;
  /** Everything before this is committed or aborted: the end for a committed read. */
  readonly stableEnd: Offset;
  /** The end that open transactions may have reached; equal to `stableEnd` when all is decided. */
  readonly end: Offset;
}

/** Where one send put its records of one partition. Offsets inside are consecutive. */
export interface Acknowledgement {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: Offset;
  readonly count: number;
}

export interface GroupOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: Offset;
}

/**
 * Records that become visible together or not at all. After any error the transaction's outcome may
 * be unknown (code `LOG_OUTCOME_UNKNOWN`): the caller drops its producer and asks the log, it never
 * retries in place.
 */
export interface Transaction {
  send(records: readonly OutgoingRecord[]): Promise<readonly Acknowledgement[]>;
  /** The same for packed records, whose memory is the log's until the transaction is decided. */
  sendPacked(records: PackedRecords): Promise<readonly Acknowledgement[]>;
  /** For lag tools only; the engine keeps its positions in the changelog. */
  commitOffsets(offsets: readonly GroupOffset[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/**
 * One per task. Opening another with the same id settles this one's transaction and fences it (code
 * `LOG_FENCED`).
 */
export interface TransactionalProducer {
  begin(): Promise<Transaction>;
  close(): Promise<void>;
}

/**
 * Called when this process gains or loses a partition number of a group's co-partitioned sources.
 */
export interface AssignmentListener {
  assigned(partition: number): void;
  lost(partition: number): void;
  /** The group cannot be joined or asked just now, and is tried again; told when it changes. */
  failed(error: Error): void;
}

export interface Membership {
  /**
   * Resolves once the group has taken this member in; rejects when it will not for a reason that
   * does not pass by itself, and then it is not tried again.
   */
  readonly joined: Promise<void>;
  /**
   * Resolves once the group has said anew, since this call, what this member owns, and the listener
   * has heard of what it lost; also when the signal aborts, or the member leaves.
   */
  confirmed(signal: AbortSignal): Promise<void>;
  leave(): Promise<void>;
}

/** How a process that joins a group is known to people. */
export interface WorkerName {
  /** Fresh for each start; claims have it too. */
  readonly instance: string;
  /** `host:port` of its API; empty without one. */
  readonly address: string;
}

/** One member of a group, and what it was given. */
export interface GroupMemberState extends WorkerName {
  /** Where it runs, as the log sees it; empty: in the process that owns the log. */
  readonly host: string;
  readonly partitions: readonly number[];
}

export interface GroupDefinition {
  readonly group: string;
  readonly worker?: WorkerName;
  /** Co-partitioned topics: partition p of every one of them goes to one member. */
  readonly topics: readonly string[];
}

export interface TopicState {
  readonly definition: TopicDefinition;
  readonly offsets: readonly PartitionOffsets[];
}

export interface TopicOffsets {
  readonly topic: string;
  /** By partition. */
  readonly offsets: readonly PartitionOffsets[];
}

/** One setting in which a topic that exists is not as it is needed. */
export interface TopicDifference {
  readonly topic: string;
  /** In the words of the log's own tools: `partitions`, `cleanup.policy`, `retention.ms`. */
  readonly setting: string;
  /** As the log writes it; where more would do as well, the least. */
  readonly needed: string;
  readonly found: string;
  /** Whether `repairTopics` mends it. */
  readonly isRepairable: boolean;
}

/**
 * The durable, partitioned, transactional log: the only thing that the engine knows of Kafka or of
 * its stand-ins.
 */
export interface Log {
  /**
   * Creates what is missing, and may raise what is there, but lowers no limit; code
   * `LOG_TOPIC_MISMATCH` when an existing topic has other partitions or cleanup.
   */
  ensureTopics(definitions: readonly TopicDefinition[]): Promise<void>;
  topics(): Promise<readonly TopicState[]>;
  /** In what topics that exist differ from these definitions; keeping more is no difference. */
  compareTopics(definitions: readonly TopicDefinition[]): Promise<readonly TopicDifference[]>;
  /**
   * Mends what differs, and returns that. Never what decides where a record lies or would lose one:
   * partition counts stay as they are, and no limit is lowered.
   */
  repairTopics(definitions: readonly TopicDefinition[]): Promise<readonly TopicDifference[]>;
  /**
   * Lowers what topics keep to what is asked for, and returns that: records will be dropped. Absent
   * where topics have owners of their own, who alone do so.
   */
  lowerTopics?(definitions: readonly TopicDefinition[]): Promise<readonly TopicDifference[]>;
  offsets(topic: string, partition: number): Promise<PartitionOffsets>;
  /**
   * The same for all partitions of some topics at once; one that is not there is left out. What is
   * said of how many partitions there are may be a minute old.
   */
  offsetsOf(topics: readonly string[]): Promise<readonly TopicOffsets[]>;
  producer(transactionalId: string): Promise<TransactionalProducer>;
  /** `from` before the start is code `LOG_OFFSET_OUT_OF_RANGE`, thrown by the first poll. */
  reader(topic: string, partition: number, from: Offset): LogReader;
  /** Positions that a group committed, for lag tools; a missing one is left out. */
  groupOffsets(group: string): Promise<readonly GroupOffset[]>;
  /** Who works on what now, for people; nobody in a group that is not known. */
  groupMembers(group: string): Promise<readonly GroupMemberState[]>;
  /**
   * Partition numbers come by `assigned`, not before this call returned to the event loop; none
   * come after `leave` was called.
   */
  join(group: GroupDefinition, listener: AssignmentListener): Promise<Membership>;
  /** Resolves once everything committed before this call survives a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
