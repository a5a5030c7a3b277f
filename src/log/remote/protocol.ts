import type { RegisteredSchema } from '../../schemas/schema-registry.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import type {
  Acknowledgement,
  GroupMemberState,
  GroupOffset,
  TopicDifference,
  TopicOffsets,
  TopicState,
} from '../log.ts';
import type { Offset } from '../offset.ts';

/** Another number when a message changes: two versions beside each other refuse, not misread. */
export const PROTOCOL_PATH = '/log/v1/';

/** A request beyond this is refused: more than the largest record and a portion beside it. */
export const REQUEST_BYTES_MAX = 16 << 20;

/** A client sends so much at once at most, a single record apart. */
export const PORTION_BYTES_MAX = 4 << 20;

/** What one poll brings at most, a single record apart, whatever the client asks for. */
export const POLL_LIMITS_MAX = { maxRecords: 20_000, maxBytes: 4 << 20 } as const;

/** How long one question for more records stays open before it is asked again. */
export const MORE_WAIT_MS = 20_000;

/** Where records of a request go; each record names its place by its number here. */
export type Place = readonly [topic: string, partition: number];

interface OfPartition {
  readonly topic: string;
  readonly partition: number;
}

interface From extends OfPartition {
  readonly from: Offset;
}

interface Within {
  readonly producer: number;
  /** true: begins the transaction as well, which saves a request of its own. */
  readonly begins: boolean;
}

/** Every operation: what is asked and what is answered, beside the bytes of records. */
export interface Operations {
  readonly topics: { readonly asked: null; readonly answer: readonly TopicState[] };
  readonly 'ensure-topics': {
    readonly asked: readonly TopicDefinition[];
    readonly answer: null;
  };
  readonly 'compare-topics': {
    readonly asked: readonly TopicDefinition[];
    readonly answer: readonly TopicDifference[];
  };
  readonly 'repair-topics': Operations['compare-topics'];
  readonly 'lower-topics': Operations['compare-topics'];
  readonly offsets: {
    readonly asked: OfPartition;
    readonly answer: TopicState['offsets'][number];
  };
  readonly 'offsets-of': {
    readonly asked: readonly string[];
    readonly answer: readonly TopicOffsets[];
  };
  readonly 'group-members': {
    readonly asked: string;
    readonly answer: readonly GroupMemberState[];
  };
  readonly 'group-offsets': { readonly asked: string; readonly answer: readonly GroupOffset[] };
  /** The answer's bytes hold the records. */
  readonly poll: {
    readonly asked: From & { readonly maxRecords: number; readonly maxBytes: number };
    readonly answer: { readonly next: Offset };
  };
  /** true: there may be more; false: ask again. */
  readonly more: { readonly asked: From; readonly answer: boolean };
  readonly sync: { readonly asked: null; readonly answer: null };
  /** A transactional id; the answer is the number by which later requests name the producer. */
  readonly 'open-producer': { readonly asked: string; readonly answer: number };
  readonly 'close-producer': { readonly asked: number; readonly answer: null };
  readonly begin: { readonly asked: number; readonly answer: null };
  /** The bytes asked hold the records. */
  readonly send: {
    readonly asked: Within & { readonly places: readonly Place[] };
    readonly answer: readonly Acknowledgement[];
  };
  readonly 'commit-offsets': {
    readonly asked: Within & { readonly offsets: readonly GroupOffset[] };
    readonly answer: null;
  };
  readonly commit: { readonly asked: number; readonly answer: null };
  readonly abort: { readonly asked: number; readonly answer: null };
  readonly register: {
    readonly asked: { readonly subject: string; readonly schema: string };
    readonly answer: RegisteredSchema;
  };
  readonly schema: { readonly asked: number; readonly answer: RegisteredSchema | null };
  readonly 'find-schema': {
    readonly asked: { readonly subject: string; readonly schema: string };
    readonly answer: RegisteredSchema | null;
  };
  readonly 'schema-versions': {
    readonly asked: string;
    readonly answer: readonly RegisteredSchema[];
  };
  readonly subjects: { readonly asked: null; readonly answer: readonly RegisteredSchema[] };
}

export type Operation = keyof Operations;
export type Asked<Name extends Operation> = Operations[Name]['asked'];
export type Answer<Name extends Operation> = Operations[Name]['answer'];

/** What an answer with another status than 200 holds. */
export interface Refusal {
  /** Absent: the owner met something unexpected. */
  readonly code?: string;
  readonly message: string;
  readonly retriable: boolean;
}
