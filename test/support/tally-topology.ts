import { concatMap } from 'rxjs';
import type { Serde } from '../../src/schemas/serde.ts';
import type { TopicDefinition } from '../../src/schemas/topic.ts';
import { jsonStore } from '../../src/state/json-store.ts';
import type { KeyedDefinition } from '../../src/state/keyed.ts';
import type { SlabDefinition } from '../../src/state/slab.ts';
import { store } from '../../src/state/task-state.ts';
import { recordsOf, withContent, type Batch, type PolledSources } from '../../src/streams/batch.ts';
import { decodeItems, type Item } from '../../src/streams/operators/decode.ts';
import { publisher, type Publisher } from '../../src/streams/operators/publish.ts';
import type { TaskScope, Topology } from '../../src/streams/topology.ts';
import { structuredSerde } from './structured-serde.ts';

export const EVENTS = 'events';
export const SETTINGS = 'settings';
export const STREAM = 'shop';

/** Of this many events a key's count starts over: its state is deleted, and a tombstone written. */
const ROUND = 4;
/** Totals that one batch may tell: what is left is pending. */
const TOTALS_MAX = 2;

export interface Event {
  readonly amount: number;
}

export interface Tally {
  readonly n: number;
  readonly sum: number;
  /** Offset of the event. */
  readonly source: number;
}

export interface Total {
  readonly key: string;
  readonly sum: number;
  readonly least: number;
}

const counts: KeyedDefinition<{ n: number }> = {
  kind: 'keyed',
  name: 'counts',
  version: 1,
  initial: () => ({ n: 0 }),
  clone: ({ n }) => ({ n }),
  encode: ({ n }) => Buffer.from(String(n)),
  decode: (bytes) => ({ n: Number(Buffer.from(bytes).toString()) }),
};
const sums: SlabDefinition = { kind: 'slab', name: 'sums', version: 1, blockBytes: [8, 16] };
const untold = jsonStore<readonly Total[]>({ name: 'untold', version: 1, initial: () => [] });
const settings = jsonStore<string>({ name: 'settings', version: 1, initial: () => '' });
const QUEUE = 'queue';

/** An amount that the tally cannot take: a bug that one record alone meets. */
export const POISON = 666;

const eventSerde: Serde<Event> = {
  ...structuredSerde<Event>(),
  decode: (value) => {
    if (value === null) return { ok: false, reason: 'VALUE_EMPTY', detail: 'no value' };
    const amount = Number(value.toString());
    return Number.isNaN(amount)
      ? { ok: false, reason: 'VALUE_NOT_A_NUMBER', detail: 'no number' }
      : { ok: true, value: { amount } };
  },
};

export const tallyTopics = (
  partitions: number,
): Readonly<Record<'events' | 'settings' | 'tallies' | 'totals', TopicDefinition>> => ({
  events: { name: EVENTS, partitions, cleanup: 'keep' },
  settings: { name: SETTINGS, partitions: 1, cleanup: 'keep' },
  tallies: { name: `${STREAM}.tallies`, partitions, cleanup: 'keep' },
  totals: { name: `${STREAM}.totals`, partitions, cleanup: 'keep' },
});

class TallyTask {
  private readonly scope: TaskScope;
  private readonly tallies: Publisher<Tally>;
  private readonly totals: Publisher<Total>;

  constructor(scope: TaskScope, partitions: number) {
    const { tallies, totals } = tallyTopics(partitions);
    this.scope = scope;
    this.tallies = publisher({ topic: tallies.name, partitions, serde: structuredSerde<Tally>() });
    this.totals = publisher({ topic: totals.name, partitions, serde: structuredSerde<Total>() });
  }

  get queue(): readonly Total[] {
    return this.scope.state.keyed(untold).find(QUEUE) ?? [];
  }

  async process(batch: Batch<PolledSources>): Promise<Batch<undefined>> {
    const { deadLetters, state } = this.scope;
    for (const { key, value } of recordsOf(batch.content, SETTINGS)) {
      state.keyed(settings).put(key?.toString() ?? '', value?.toString() ?? '');
    }
    const options = { topic: EVENTS, serde: eventSerde, deadLetters };
    for (const item of await decodeItems(batch, options)) this.take(batch, item);
    this.tell(batch);
    return withContent(batch, undefined);
  }

  private take(batch: Batch<PolledSources>, item: Item<Event>): void {
    if (item.type === 'watermark') {
      const { watermarks } = this.scope;
      const before = watermarks.least;
      watermarks.observe(item.watermark);
      if (watermarks.least > before) this.close(watermarks.least);
      return;
    }
    const key = item.record.key?.toString() ?? '';
    const tally = { ...this.count(key, item.value.amount), source: item.record.offset };
    // Only now, when memory has changed, does the bug show.
    if (item.value.amount === POISON) throw new TypeError('poison');
    this.tallies.on(batch.outbox, this.scope.partition, { key, value: tally });
  }

  private count(key: string, amount: number): Pick<Tally, 'n' | 'sum'> {
    const keyed = this.scope.state.keyed(counts);
    const slab = this.scope.state.slab(sums);
    const count = keyed.touch(key);
    count.n += 1;
    const { n } = count;
    if (n === ROUND) keyed.delete(key);
    const row = slab.row(key);
    slab.touch(row, 0, 8);
    row.f64[0] = (row.f64[0] ?? 0) + amount;
    if (amount % 2 === 0) {
      slab.touch(row, 16, 24);
      row.f64[2] = amount;
    }
    return { n, sum: row.f64[0] };
  }

  private close(least: number): void {
    const slab = this.scope.state.slab(sums);
    const closed = [...slab.keys()].sort().map((key) => {
      return { key, sum: slab.find(key)?.f64[0] ?? 0, least };
    });
    this.scope.state.keyed(untold).put(QUEUE, [...this.queue, ...closed]);
  }

  private tell(batch: Batch<PolledSources>): void {
    const { queue, scope } = this;
    if (queue.length === 0) return;
    for (const value of queue.slice(0, TOTALS_MAX)) {
      this.totals.on(batch.outbox, scope.partition, { key: value.key, value });
    }
    scope.state.keyed(untold).put(QUEUE, queue.slice(TOTALS_MAX));
  }
}

/**
 * Small, but with all that an engine must get right: both stores, tombstones, watermarks, bad
 * records, left work.
 */
export const tally = (partitions: number): Topology => {
  const { tallies, totals } = tallyTopics(partitions);
  return {
    name: 'tally',
    stream: STREAM,
    summary: 'counts and adds up amounts by key',
    sources: [
      { topic: EVENTS, kind: 'partitioned' },
      { topic: SETTINGS, kind: 'broadcast' },
    ],
    stores: [sums, store(counts), store(untold), store(settings)],
    sinks: [tallies, totals],
    partitions,
    start: (scope) => {
      const task = new TallyTask(scope, partitions);
      return {
        process: concatMap((batch) => task.process(batch)),
        pending: () => task.queue.length > 0,
      };
    },
  };
};
