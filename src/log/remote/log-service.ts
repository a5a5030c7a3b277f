import { abortedBy } from '../../core/aborted-by.ts';
import type { SchemaRegistry } from '../../schemas/schema-registry.ts';
import type { Log } from '../log.ts';
import { ProducerSessions } from './producer-sessions.ts';
import {
  MORE_WAIT_MS,
  POLL_LIMITS_MAX,
  type Answer,
  type Asked,
  type Operation,
} from './protocol.ts';
import { ReaderShelf } from './reader-shelf.ts';
import { decodeOutgoing, encodeRecords } from './record-bytes.ts';

export interface LogServiceOptions {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** A transaction without a request for so long is aborted; its client is taken for dead. */
  readonly transactionIdleMs?: number | undefined;
}

/** What comes with a request beside its head. */
export interface Extra {
  readonly bytes: Buffer;
  /** Aborts when the client goes away or the server closes. */
  readonly signal: AbortSignal;
}

export interface Answered<T> {
  readonly answer: T;
  readonly bytes?: Buffer;
}

type Handlers = {
  readonly [Name in Operation]: (
    asked: Asked<Name>,
    extra: Extra,
  ) => Promise<Answered<Answer<Name>>>;
};

const DONE = { answer: null } as const;

type Reading = Pick<Handlers, 'poll' | 'more'>;
type Writing = Pick<
  Handlers,
  'open-producer' | 'close-producer' | 'begin' | 'send' | 'commit-offsets' | 'commit' | 'abort'
>;

const readingHandlers = (shelf: ReaderShelf): Reading => ({
  poll: async ({ maxRecords, maxBytes, ...where }) => {
    const limits = {
      maxRecords: Math.min(maxRecords, POLL_LIMITS_MAX.maxRecords),
      maxBytes: Math.min(maxBytes, POLL_LIMITS_MAX.maxBytes),
    };
    const { records, next } = await shelf.with(where, (reader) => reader.poll(limits));
    return { answer: { next }, bytes: encodeRecords(records) };
  },
  more: async (where, { signal }) => {
    const enough = abortedBy(signal);
    const timer = setTimeout(() => enough.abort(), MORE_WAIT_MS);
    try {
      await shelf.with(where, async (reader) => {
        await reader.more(enough.signal);
        return { next: where.from };
      });
      return { answer: !enough.signal.aborted };
    } finally {
      clearTimeout(timer);
      enough.abort();
    }
  },
});

const writingHandlers = (sessions: ProducerSessions): Writing => ({
  'open-producer': async (id) => ({ answer: await sessions.open(id) }),
  'close-producer': async (producer) => {
    await sessions.close(producer);
    return DONE;
  },
  begin: async (producer) => {
    await sessions.begin(producer);
    return DONE;
  },
  send: async ({ producer, begins, places }, { bytes }) => {
    const records = decodeOutgoing({ places, bytes });
    if (begins) await sessions.begin(producer);
    return { answer: await sessions.within(producer, (transaction) => transaction.send(records)) };
  },
  'commit-offsets': async ({ producer, begins, offsets }) => {
    if (begins) await sessions.begin(producer);
    await sessions.within(producer, (transaction) => transaction.commitOffsets(offsets));
    return DONE;
  },
  commit: async (producer) => {
    await sessions.settle(producer, (transaction) => transaction.commit());
    return DONE;
  },
  abort: async (producer) => {
    await sessions.settle(producer, (transaction) => transaction.abort());
    return DONE;
  },
});

/** The operations of a log and its registry, as requests ask for them. */
export class LogService {
  readonly handlers: Handlers;
  private readonly sessions: ProducerSessions;
  private readonly shelf: ReaderShelf;

  constructor({ log, registry, transactionIdleMs }: LogServiceOptions) {
    this.sessions = new ProducerSessions(log, transactionIdleMs);
    this.shelf = new ReaderShelf(log);
    this.handlers = {
      topics: async () => ({ answer: await log.topics() }),
      'ensure-topics': async (definitions) => {
        await log.ensureTopics(definitions);
        return DONE;
      },
      'compare-topics': async (wanted) => ({ answer: await log.compareTopics(wanted) }),
      'repair-topics': async (wanted) => ({ answer: await log.repairTopics(wanted) }),
      'lower-topics': async (wanted) => ({ answer: (await log.lowerTopics?.(wanted)) ?? [] }),
      offsets: async ({ topic, partition }) => ({ answer: await log.offsets(topic, partition) }),
      'offsets-of': async (names) => ({ answer: await log.offsetsOf(names) }),
      'group-members': async (group) => ({ answer: await log.groupMembers(group) }),
      'group-offsets': async (group) => ({ answer: await log.groupOffsets(group) }),
      ...readingHandlers(this.shelf),
      sync: async () => {
        await log.sync();
        return DONE;
      },
      ...writingHandlers(this.sessions),
      register: async ({ subject, schema }) => ({
        answer: await registry.register(subject, schema),
      }),
      schema: async (id) => ({ answer: (await registry.byId(id)) ?? null }),
      'find-schema': async ({ subject, schema }) => ({
        answer: (await registry.find(subject, schema)) ?? null,
      }),
      'schema-versions': async (subject) => ({ answer: await registry.versions(subject) }),
      subjects: async () => ({ answer: await registry.subjects() }),
    };
  }

  /** Settles what clients left open. */
  async close(): Promise<void> {
    this.shelf.closeAll();
    await this.sessions.closeAll();
  }
}
